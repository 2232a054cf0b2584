/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/routes_window.h"

#include "aggregator/request.h"
#include "aggregator/routes.h"
#include "symbolizer/base.h"

#define MINUTE_NS       (60 * NS_PER_SEC)
#define ROUTES_A_MINUTE 200 /* what comes beyond them is of the route "(other)" */

void routes_window_done(struct routes_window *window)
{
	size_t i;

	for (i = 0; i < ROUTES_MINUTES; i++)
		routes_free(window->minutes[i].routes);
}

int routes_window_add(struct routes_window *window, const struct request *request)
{
	uint64_t number = request->end_ns / MINUTE_NS;
	size_t i = number % ROUTES_MINUTES;
	struct routes *routes;
	int err;

	/* One that comes that late is of no window any more. */
	if (window->minutes[i].routes && window->minutes[i].number > number)
		return 0;
	if (!window->minutes[i].routes || window->minutes[i].number != number) {
		err = routes_new(ROUTES_A_MINUTE, window->rules, &routes);
		if (err)
			return err;
		routes_free(window->minutes[i].routes);
		window->minutes[i].routes = routes;
		window->minutes[i].number = number;
	}
	return routes_add(window->minutes[i].routes, request);
}

uint64_t routes_window_start(uint64_t now_ns, unsigned int minutes)
{
	uint64_t last = now_ns / MINUTE_NS;

	return last >= minutes ? (last - minutes + 1) * MINUTE_NS : 0;
}

int routes_window_sum(const struct routes_window *window, uint64_t now_ns, unsigned int minutes,
		      struct routes **ret_routes)
{
	uint64_t number = routes_window_start(now_ns, minutes) / MINUTE_NS;
	uint64_t last = now_ns / MINUTE_NS;
	struct routes *sum;
	int err;

	err = routes_new(ROUTES_A_MINUTE, window->rules, &sum);
	if (err)
		return err;
	for (; number <= last && !err; number++) {
		size_t i = number % ROUTES_MINUTES;

		if (window->minutes[i].routes && window->minutes[i].number == number)
			err = routes_merge(sum, window->minutes[i].routes);
	}
	if (err) {
		routes_free(sum);
		return err;
	}
	*ret_routes = sum;
	return 0;
}
