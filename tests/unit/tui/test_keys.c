/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "tui/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static const unsigned int screens[] = {ON_LIST, ON_REQUEST, ON_HELP, ON_SETUP, ON_ROUTES, ON_LOOP};
#define N_SCREENS (sizeof(screens) / sizeof(screens[0]))

/* How many rows of the table have the key on the screen. */
static size_t bindings(int key, unsigned int screen)
{
	size_t count, i, k, n = 0;
	const struct key_binding *table = keys_table(&count);

	for (i = 0; i < count; i++) {
		for (k = 0; k < KEYS_PER_BINDING; k++)
			n += table[i].keys[k] == key && (table[i].screens & screen);
	}
	return n;
}

static void test_no_key_is_bound_twice_on_a_screen(void **state)
{
	size_t s;
	int key;

	(void)state;
	for (s = 0; s < N_SCREENS; s++) {
		for (key = KEY_NONE + 1; key < 128; key++)
			assert_true(bindings(key, screens[s]) <= 1);
		for (key = KEY_ARROW_UP; key <= KEY_FUNCTION + 12; key++)
			assert_true(bindings(key, screens[s]) <= 1);
	}
}

/* Either nothing, or this. */
static void assert_action(int key, enum action action)
{
	size_t s;

	for (s = 0; s < N_SCREENS; s++) {
		if (keys_action(key, screens[s]) != ACTION_NONE)
			assert_int_equal(keys_action(key, screens[s]), action);
	}
}

/* A key may say it more exactly on one screen, but it does not do something else. */
static void test_a_key_means_the_same_everywhere(void **state)
{
	size_t count, i, k;
	const struct key_binding *table = keys_table(&count);

	(void)state;
	for (i = 0; i < count; i++) {
		for (k = 0; k < KEYS_PER_BINDING; k++)
			assert_action(table[i].keys[k], table[i].action);
	}
}

static void test_each_action_has_a_key_and_a_help(void **state)
{
	unsigned int seen[ACTION_COUNT] = {0};
	size_t count, i;
	const struct key_binding *table = keys_table(&count);

	(void)state;
	for (i = 0; i < count; i++) {
		assert_true(table[i].keys[0] != KEY_NONE);
		assert_true(table[i].names && table[i].names[0]);
		assert_true(table[i].help && table[i].help[0]);
		assert_true(table[i].screens & ON_ALL);
		seen[table[i].action]++;
	}
	assert_int_equal(seen[ACTION_NONE], 0);
	for (i = ACTION_NONE + 1; i < ACTION_COUNT; i++)
		assert_true(seen[i] > 0);
}

static void test_help_back_and_quit_work_on_every_screen(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < N_SCREENS; i++) {
		assert_int_equal(keys_action('?', screens[i]), ACTION_HELP);
		assert_int_equal(keys_action('q', screens[i]), ACTION_BACK);
		assert_int_equal(keys_action('Q', screens[i]), ACTION_QUIT);
		assert_int_equal(keys_action(KEY_CTRL_L, screens[i]), ACTION_REDRAW);
		assert_int_equal(keys_action('z', screens[i]), ACTION_FREEZE);
	}
}

static void test_arrows_do_what_vi_keys_do(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < N_SCREENS; i++) {
		assert_int_equal(keys_action('j', screens[i]),
				 keys_action(KEY_ARROW_DOWN, screens[i]));
		assert_int_equal(keys_action('k', screens[i]),
				 keys_action(KEY_ARROW_UP, screens[i]));
		assert_int_equal(keys_action('h', screens[i]),
				 keys_action(KEY_ARROW_LEFT, screens[i]));
		assert_int_equal(keys_action('l', screens[i]),
				 keys_action(KEY_ARROW_RIGHT, screens[i]));
	}
}

static void test_unbound_keys_do_nothing(void **state)
{
	(void)state;
	assert_int_equal(keys_action(KEY_NONE, ON_LIST), ACTION_NONE);
	assert_int_equal(keys_action(KEY_UNKNOWN, ON_LIST), ACTION_NONE);
	assert_int_equal(keys_action('~', ON_LIST), ACTION_NONE);
	assert_int_equal(keys_action('+', ON_LIST), ACTION_NONE);
	assert_int_equal(keys_action(0x6771, ON_REQUEST), ACTION_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_key_is_bound_twice_on_a_screen),
		cmocka_unit_test(test_a_key_means_the_same_everywhere),
		cmocka_unit_test(test_each_action_has_a_key_and_a_help),
		cmocka_unit_test(test_help_back_and_quit_work_on_every_screen),
		cmocka_unit_test(test_arrows_do_what_vi_keys_do),
		cmocka_unit_test(test_unbound_keys_do_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
