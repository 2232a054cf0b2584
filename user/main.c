/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include <locale.h>

#include "user/exit_code.h"
#include "user/log.h"
#include "user/options.h"
#include "user/run_doctor.h"
#include "user/run_live.h"
#include "user/run_replay.h"
#include "user/signals.h"

int main(int argc, char **argv)
{
	struct options options;
	enum exit_code code = EXIT_CODE_OK;

	(void)setlocale(LC_CTYPE, "");
	switch (options_parse(argc, argv, &options)) {
	case OPTIONS_RUN:
		log_init(options.verbosity);
		log_adopt_libbpf();
		signals_block();
		code = options.doctor   ? run_doctor(&options)
		       : options.replay ? run_replay(&options)
					: run_live(&options);
		break;
	case OPTIONS_DONE:
		break;
	case OPTIONS_WRONG:
		code = EXIT_CODE_USAGE;
		break;
	}
	options_done(&options);
	return code;
}
