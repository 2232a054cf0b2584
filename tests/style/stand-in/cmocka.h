/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What clang-tidy sees instead of the assertions of cmocka: what is asserted is true from there on. Of the
 * real ones nothing is known, so that all that follows is looked at for the failed case as well. Never
 * compiled into anything.
 */
#ifndef STAND_IN_CMOCKA_H
#define STAND_IN_CMOCKA_H

#pragma GCC system_header /* the names of these macros are cmocka's */

#include_next <cmocka.h>

#include <stdlib.h>

static inline void stand_in_require(int holds)
{
	if (!holds)
		abort();
}

#undef assert_true
#undef assert_false
#undef assert_null
#undef assert_non_null
#undef assert_int_equal
#undef assert_int_not_equal
#undef assert_ptr_equal
#define assert_true(what)     stand_in_require(!!(what))
#define assert_false(what)    stand_in_require(!(what))
#define assert_null(what)     stand_in_require(!(what))
#define assert_non_null(what) stand_in_require(!!(what))
#define assert_int_equal(a, b) \
	stand_in_require(cast_to_largest_integral_type(a) == cast_to_largest_integral_type(b))
#define assert_int_not_equal(a, b) \
	stand_in_require(cast_to_largest_integral_type(a) != cast_to_largest_integral_type(b))
#define assert_ptr_equal(a, b) stand_in_require((const void *)(a) == (const void *)(b))

#endif
