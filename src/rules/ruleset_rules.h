/* SPDX-License-Identifier: Apache-2.0 */
/* ruleset_rules.h - the rules of a rules file, kind by kind: what each may say and what row comes of it. For ruleset_file.c only. */
#ifndef RTALP_RULES_RULESET_RULES_H
#define RTALP_RULES_RULESET_RULES_H

#include "rules/ruleset_read.h"

/* For field.fields and field.each of a list of rules; field.offset is that of a struct row_list, whose rows are of that kind. */
extern const struct field clean_fields[], vague_fields[], matter_fields[], refuse_fields[], privacy_fields[];
void add_clean_step(struct reading *in, const config_setting_t *group, const struct field *f, void *to);
void add_vague_rule(struct reading *in, const config_setting_t *group, const struct field *f, void *to);
void add_matter_rule(struct reading *in, const config_setting_t *group, const struct field *f, void *to);
void add_refuse_rule(struct reading *in, const config_setting_t *group, const struct field *f, void *to);
void add_privacy_rule(struct reading *in, const config_setting_t *group, const struct field *f, void *to);

#endif
