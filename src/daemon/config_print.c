/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/config.h"

#include <string.h>

#include "base/buf.h"
#include "daemon/setting.h"

#define WIDTH     88 /* of a comment's text */
#define TEXT_MAX  4096

/* Writes prose as comment lines behind `indent`, broken at spaces. */
static void
print_comment(FILE *out, const char *indent, const char *text)
{
	while (*text != '\0') {
		size_t len = strlen(text);

		if (len > WIDTH) {
			len = WIDTH;
			while (len > 0 && text[len] != ' ')
				len--;
			if (len == 0)
				len = strcspn(text, " ");
		}
		fprintf(out, "%s# %.*s\n", indent, (int)len, text);
		text += len;
		text += strspn(text, " ");
	}
}

static void
add_allowed(struct buf *b, const struct setting *s)
{
	if (s->type == SETTING_INT) {
		buf_addf(b, " %lld to %lld%s.", (long long)s->min, (long long)s->max, s->or_zero ? ", or 0" : "");
	} else if (s->type == SETTING_CHOICE) {
		for (const struct setting_choice *c = s->choices; c->word != NULL; c++)
			buf_addf(b, "%s\"%s\"", c == s->choices ? " One of " : ", ", c->word);
		buf_addz(b, ".");
	}
}

static void
add_default(struct buf *b, const struct setting *s)
{
	const char *p = s->standard;

	if (s->type == SETTING_INT) {
		buf_addf(b, "%lld", (long long)s->standard_int);
	} else if (s->type == SETTING_STRINGS) {
		buf_addz(b, "[");
		for (size_t n = 0; *p != '\0'; n++) {
			size_t len = strcspn(p, " ");

			buf_addf(b, "%s\"%.*s\"", n > 0 ? ", " : " ", (int)len, p);
			p += len + strspn(p + len, " ");
		}
		buf_addz(b, " ]");
	} else {
		buf_addf(b, "\"%s\"", p);
	}
}

static void
print_setting(FILE *out, const struct setting *s)
{
	_cleanup_(buf_release) struct buf help = BUF_INIT(TEXT_MAX), value = BUF_INIT(TEXT_MAX);

	buf_addz(&help, s->help);
	add_allowed(&help, s);
	if (!s->reloadable)
		buf_addz(&help, " Needs a restart.");
	add_default(&value, s);
	print_comment(out, "\t", help.p);
	fprintf(out, "\t#%s = %s;\n", s->name, value.p);
}

void
config_print_example(FILE *out)
{
	fputs("# rtalpd.conf - configuration of rtalpd, as printed by `rtalpd --print-config`.\n"
	      "#\n"
	      "# Every setting stands here with its default, commented out: take the # away to change one. `rtalpd --check-config` tells\n"
	      "# everything that is wrong; `systemctl reload rtalpd` takes over what does not need a restart.\n",
	    out);
	for (size_t g = 0; g < setting_groups_count; g++) {
		fputs("\n", out);
		print_comment(out, "", setting_groups[g].help);
		fprintf(out, "%s:\n{\n", setting_groups[g].name);
		for (size_t i = 0, n = 0; i < settings_count; i++) {
			if (strcmp(settings[i].group, setting_groups[g].name) != 0)
				continue;
			fputs(n++ > 0 ? "\n" : "", out);
			print_setting(out, &settings[i]);
		}
		fputs("};\n", out);
	}
}
