/* SPDX-License-Identifier: Apache-2.0 */
/* rtalpd - the bridge from RescueTime to ALP: the wiring, in order. */
#include <stdio.h>

int
main(void)
{
	puts(PACKAGE_STRING);
	return 0;
}
