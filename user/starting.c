/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "user/starting.h"

#include <errno.h>
#include <stddef.h>

#include "symbolizer/base.h"

#define PATIENCE_NS (3 * NS_PER_SEC) /* with a node that is not set up yet */
#define YOUNG_NS    NS_PER_SEC       /* until then it may still become a node that is understood */

/* What a node that is half set up, or a shell about to become node, may be taken for. */
static const int mistakes[] = {-ENOENT, -ENOEXEC, -EOPNOTSUPP, -EBADMSG, -EFAULT};

bool starting_is_waited_for(int err, uint64_t age_ns, uint64_t waited_ns)
{
	size_t i;

	if (waited_ns >= PATIENCE_NS)
		return false;
	if (err == -EAGAIN)
		return true;
	for (i = 0; i < ARRAY_SIZE(mistakes); i++)
		if (err == mistakes[i])
			return age_ns < YOUNG_NS;
	return false;
}
