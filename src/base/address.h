/* SPDX-License-Identifier: Apache-2.0 */
/* address.h - is an address one of the open Internet's? For those who connect to where others point: a name that leads inside must not be followed.
 *
 * Public is what is neither of this host, nor of a private or local network, nor reserved, nor a multicast. An IPv6 address that stands for an IPv4 one
 * (mapped, NAT64, 6to4, Teredo) is what that one is, or is refused. Pure; any thread.
 */
#ifndef RTALP_BASE_ADDRESS_H
#define RTALP_BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

struct sockaddr;

/* `len` is how much of it is there. Anything but a whole IPv4 or IPv6 address is not public. */
bool address_is_public(const struct sockaddr *address, size_t len);

#endif
