# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests share: the programs under test as objects, a small HTTP client, a look into /proc."""
