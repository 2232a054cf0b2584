/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
#include "aggregator/op_types.h"

#include <string.h>

#include "symbolizer/base.h"

#define CRYPTO(wrap, what)                                  \
	{                                                   \
		wrap, "crypto", what, .job = "crypto " what \
	}

/* node: src/async_wrap.h, NODE_ASYNC_PROVIDER_TYPES. Not shown: what libuv's own request tells better. */
static const struct wrap_type wrap_types[] = {
	CRYPTO("CHECKPRIMEREQUEST", "checkPrime"),
	CRYPTO("DERIVEBITSREQUEST", "hkdf"),
	CRYPTO("CIPHERREQUEST", "cipher"),
	{"DIRHANDLE", "fs.dir", "", .shown = false, .internal = true},
	{"CHANNELWRAP", "dns.channel", "", .shown = false, .internal = true},
	{"DNSCHANNEL", "dns.channel", "", .shown = false, .internal = true},
	{"FSEVENTWRAP", "fs.watch", "", .shown = true, .handle = true},
	{"JSSTREAM", "js.stream", "", .shown = false, .handle = true, .internal = true},
	{"STATWATCHER", "fs.watchFile", "", .shown = true, .handle = true},
	{"FILEHANDLE", "fs.filehandle", "", .shown = false, .internal = true},
	{"FILEHANDLECLOSEREQ", "fs.close", "", .shown = false},
	{"FSREQCALLBACK", "fs.readfile", "", .shown = false},
	{"FSREQPROMISE", "fs.readfile", "", .shown = false},
	{"GETADDRINFOREQWRAP", "dns.lookup", "", .shown = false},
	{"GETNAMEINFOREQWRAP", "dns.lookupService", "", .shown = false},
	CRYPTO("HASHREQUEST", "hash"),
	{"HTTP2SESSION", "http2.session", "", .shown = false, .handle = true, .internal = true},
	{"HTTP2STREAM", "http2.stream", "", .shown = false, .internal = true},
	{"HTTP2PING", "http2.ping", "", .shown = true},
	{"HTTP2SETTINGS", "http2.settings", "", .shown = false, .internal = true},
	{"HTTPCLIENTREQUEST", "http.client", "", .shown = false},
	{"HTTPINCOMINGMESSAGE", "http.parser", "", .shown = false, .internal = true},
	CRYPTO("KEYEXPORTREQUEST", "exportKey"),
	CRYPTO("KEYGENREQUEST", "generateKey"),
	CRYPTO("KEYPAIRGENREQUEST", "generateKeyPair"),
	{"MESSAGEPORT", "messageport", "", .shown = true, .handle = true},
	CRYPTO("PBKDF2REQUEST", "pbkdf2"),
	{"PIPECONNECTWRAP", "net.connect", "", .shown = false},
	{"PIPESERVERWRAP", "net.server", "", .shown = false, .handle = true, .internal = true},
	{"PIPEWRAP", "net.pipe", "", .handle = true, .internal = true, .socket = true},
	{"PROCESSWRAP", "process", "", .shown = false, .handle = true},
	{"QUERYWRAP", "dns.query", "", .shown = true},
	CRYPTO("RANDOMBYTESREQUEST", "randomBytes"),
	CRYPTO("RANDOMPRIMEREQUEST", "generatePrime"),
	CRYPTO("SCRYPTREQUEST", "scrypt"),
	{"SHUTDOWNWRAP", "net.shutdown", "", .shown = false, .internal = true},
	{"SIGNALWRAP", "signal", "", .shown = false, .handle = true, .internal = true},
	CRYPTO("SIGNREQUEST", "sign"),
	{"TCPCONNECTWRAP", "net.connect", "", .shown = false},
	{"TCPSERVERWRAP", "net.server", "", .shown = false, .handle = true, .internal = true},
	{"TCPWRAP", "net.socket", "", .handle = true, .internal = true, .socket = true},
	{"TLSWRAP", "tls.socket", "", .handle = true, .internal = true, .socket = true},
	{"TTYWRAP", "tty", "", .shown = false, .handle = true, .internal = true},
	{"UDPSENDWRAP", "udp.send", "", .shown = true},
	{"UDPWRAP", "udp.socket", "", .shown = false, .handle = true, .internal = true},
	CRYPTO("VERIFYREQUEST", "verify"),
	{"WORKER", "worker", "", .shown = true, .handle = true},
	{"WRITEWRAP", "net.write", "", .shown = false, .internal = true},
	{"ZLIB", "zlib", "Zlib", .shown = false},
	/* made by JavaScript with emitInit, seen when async_hooks are on */
	{"Immediate", "immediate", "", .shown = false},
	{"Microtask", "microtask", "", .shown = false},
	{"PROMISE", "promise", "", .shown = false},
	{"TickObject", "tick", "", .shown = false},
	{"Timeout", "timer", "", .shown = false},
};

/* What node does not list, or lists and does nothing with: shown under one row. */
static const struct wrap_type other_type = {"OTHER", "async", "", .shown = true};

const struct wrap_type *wrap_type_find(const char *wrap)
{
	for (size_t i = 0; i < ARRAY_SIZE(wrap_types); i++)
		if (!strcmp(wrap_types[i].wrap, wrap))
			return &wrap_types[i];
	return &other_type;
}

/* libuv: include/uv.h, enum uv_fs_type */
static const char *const fs_types[] = {
	"fs.custom",  "fs.open",     "fs.close",   "fs.read",      "fs.write",     "fs.sendfile",
	"fs.stat",    "fs.lstat",    "fs.fstat",   "fs.ftruncate", "fs.utime",     "fs.futime",
	"fs.access",  "fs.chmod",    "fs.fchmod",  "fs.fsync",     "fs.fdatasync", "fs.unlink",
	"fs.rmdir",   "fs.mkdir",    "fs.mkdtemp", "fs.rename",    "fs.scandir",   "fs.link",
	"fs.symlink", "fs.readlink", "fs.chown",   "fs.fchown",    "fs.realpath",  "fs.copyfile",
	"fs.lchown",  "fs.opendir",  "fs.readdir", "fs.closedir",  "fs.statfs",    "fs.mkstemp",
	"fs.lutime",
};

#define FS_CLOSE 2

const char *fs_type_name(uint32_t uv_fs_type)
{
	return uv_fs_type < ARRAY_SIZE(fs_types) ? fs_types[uv_fs_type] : fs_types[0];
}

bool fs_type_closes(uint32_t uv_fs_type)
{
	return uv_fs_type == FS_CLOSE;
}

/* c-ares: include/ares_dns_record.h, ares_dns_rec_type_t */
static const struct {
	uint32_t type;
	const char *name;
} dns_records[] = {
	{2, "NS"},   {5, "CNAME"},  {6, "SOA"},   {12, "PTR"},  {15, "MX"},   {16, "TXT"},
	{33, "SRV"}, {35, "NAPTR"}, {52, "TLSA"}, {255, "ANY"}, {257, "CAA"},
};

const char *dns_record_name(uint32_t type)
{
	for (size_t i = 0; i < ARRAY_SIZE(dns_records); i++)
		if (dns_records[i].type == type)
			return dns_records[i].name;
	return NULL;
}

/* llhttp: include/llhttp.h, enum llhttp_method */
static const char *const methods[] = {
	"DELETE",        "GET",       "HEAD",      "POST",        "PUT",      "CONNECT",
	"OPTIONS",       "TRACE",     "COPY",      "LOCK",        "MKCOL",    "MOVE",
	"PROPFIND",      "PROPPATCH", "SEARCH",    "UNLOCK",      "BIND",     "REBIND",
	"UNBIND",        "ACL",       "REPORT",    "MKACTIVITY",  "CHECKOUT", "MERGE",
	"M-SEARCH",      "NOTIFY",    "SUBSCRIBE", "UNSUBSCRIBE", "PATCH",    "PURGE",
	"MKCALENDAR",    "LINK",      "UNLINK",    "SOURCE",      "PRI",      "DESCRIBE",
	"ANNOUNCE",      "SETUP",     "PLAY",      "PAUSE",       "TEARDOWN", "GET_PARAMETER",
	"SET_PARAMETER", "REDIRECT",  "RECORD",    "FLUSH",       "QUERY",
};

const char *http_method_name(uint32_t method)
{
	return method < ARRAY_SIZE(methods) ? methods[method] : "?";
}

const char *http_method_find(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (strlen(methods[i]) == len && !memcmp(methods[i], name, len))
			return methods[i];
	return "?";
}
