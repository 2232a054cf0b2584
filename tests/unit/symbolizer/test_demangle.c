/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "symbolizer/demangle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "symbolizer/base.h"

static void assert_short(const char *symbol, const char *wanted)
{
	char buf[256];

	assert_int_equal(demangle_short(symbol, buf, sizeof(buf)), strlen(wanted));
	assert_string_equal(buf, wanted);
}

static void assert_shortened(const char *name, const char *wanted)
{
	char buf[256];

	assert_int_equal(demangle_shorten(name, buf, sizeof(buf)), strlen(wanted));
	assert_string_equal(buf, wanted);
}

static void test_arguments_are_left_out(void **state)
{
	(void)state;
	assert_short("_ZN4node9AsyncWrap13EmitAsyncInitEPNS_11EnvironmentEN2v85LocalINS3_6Object"
		     "EEENS4_INS3_6StringEEEdd",
		     "node::AsyncWrap::EmitAsyncInit");
	assert_short("_ZNK4node9AsyncWrap13provider_typeEv", "node::AsyncWrap::provider_type");
}

static void test_c_names_stay(void **state)
{
	(void)state;
	assert_short("uv_fs_access", "uv_fs_access");
	assert_short("_Znonsense", "_Znonsense");
	assert_short("", "");
}

static void test_v8_internal_and_anonymous_namespaces_are_left_out(void **state)
{
	(void)state;
	assert_shortened("v8::internal::(anonymous namespace)::Invoke(v8::internal::Isolate*)",
			 "Invoke");
	assert_shortened("node::(anonymous namespace)::Parser::Execute(char const*)",
			 "node::Parser::Execute");
	assert_shortened("myv8::internal::f()", "myv8::internal::f");
}

static void test_return_types_of_templates_are_left_out(void **state)
{
	(void)state;
	assert_shortened(
		"void node::StreamBase::JSMethod<&(node::StreamBase::Write(int))>(int const&)",
		"node::StreamBase::JSMethod<..>");
	assert_shortened("int const& max<int>(int const&, int const&)", "max<int>");
	assert_shortened("decltype (f(1)) g<int>(int)", "g<int>");
	assert_shortened("non-virtual thunk to node::LibuvStreamWrap::DoWrite(int)",
			 "node::LibuvStreamWrap::DoWrite");
}

static void test_operators_keep_their_symbols(void **state)
{
	(void)state;
	assert_shortened("A::operator()(int) const", "A::operator()");
	assert_shortened("A::operator<<(int)", "A::operator<<");
	assert_shortened("A::operator->() const", "A::operator->");
	assert_shortened("operator new(unsigned long)", "operator new");
	assert_shortened("A::operator bool() const", "A::operator bool");
}

static void test_lambdas_keep_their_number(void **state)
{
	(void)state;
	assert_shortened(
		"node::worker::Worker::StartThread(v8::FunctionCallbackInfo<v8::Value> const&)::"
		"{lambda(void*)#1}::_FUN(void*)",
		"node::worker::Worker::StartThread::{lambda#1}::_FUN");
	assert_shortened("f(int)::{lambda(int)#2}::operator()(int) const",
			 "f::{lambda#2}::operator()");
}

static void test_clones_are_left_out(void **state)
{
	(void)state;
	assert_shortened("v8::internal::Heap::CollectGarbage(int) [clone .constprop.0]",
			 "Heap::CollectGarbage");
}

static void test_result_is_cut_to_the_buffer(void **state)
{
	char buf[8];

	(void)state;
	assert_int_equal(demangle_short("uv_fs_access", buf, sizeof(buf)), 7);
	assert_string_equal(buf, "uv_fs_a");
	assert_int_equal(demangle_shorten("node::Start(int)", buf, sizeof(buf)), 7);
	assert_string_equal(buf, "node::S");
	assert_int_equal(demangle_shorten("node::Start(int)", buf, 1), 0);
	assert_string_equal(buf, "");
}

static void test_unbalanced_names_are_survived(void **state)
{
	static const char *const odd[] = {
		"(",   "<",  ")",     ">",    "a<b(c>d", "operator",      "operator ",
		"{ {", "}}", "a->b>", "f(((", " const",  "v8::internal::"};
	char buf[16];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++)
		assert_true(demangle_shorten(odd[i], buf, sizeof(buf)) < sizeof(buf));
}

static void test_overlong_symbols_are_not_demangled(void **state)
{
	char symbol[3000];
	char buf[64];

	(void)state;
	memset(symbol, 'a', sizeof(symbol));
	memcpy(symbol, "_Z2991", 6);
	symbol[sizeof(symbol) - 1] = '\0';
	assert_int_equal(demangle_short(symbol, buf, sizeof(buf)), sizeof(buf) - 1);
	assert_memory_equal(buf, symbol, sizeof(buf) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arguments_are_left_out),
		cmocka_unit_test(test_c_names_stay),
		cmocka_unit_test(test_v8_internal_and_anonymous_namespaces_are_left_out),
		cmocka_unit_test(test_return_types_of_templates_are_left_out),
		cmocka_unit_test(test_operators_keep_their_symbols),
		cmocka_unit_test(test_lambdas_keep_their_number),
		cmocka_unit_test(test_clones_are_left_out),
		cmocka_unit_test(test_result_is_cut_to_the_buffer),
		cmocka_unit_test(test_unbalanced_names_are_survived),
		cmocka_unit_test(test_overlong_symbols_are_not_demangled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
