/* SPDX-License-Identifier: Apache-2.0 */
/* builtin.c - the built-in rule set: what the prototype that firms have billed with does, quirks included.
 *
 * Where a pattern looks more roundabout than needed, it is so that no title makes it slow: it starts only where its
 * leftmost match can start (a look-behind, or ^), and so reads a title once instead of once from every character.
 *
 * One difference is left: ignoring case, the prototype takes the Turkish dotless and dotted i for an i, PCRE2 does not.
 */
#include "base/macro.h"
#include "rules/ruleset.h"

/* White space as the prototype's language has it: PCRE2's own \s lacks U+001C..1F and has U+180E. For use inside of []. */
#define SP "\\t-\\r\\x{1c}-\\x{20}\\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}"
/* Letters, numbers and the underscore, spelled out because \w grew with PCRE2 10.43. For use inside of []. */
#define WORD "\\p{L}\\p{N}_"

#define NOT_AFTER_SPACE "(?<![" SP "])"
#define NAME_CHARS      "[" WORD SP "\\-\\[\\]]"
#define NOT_INSIDE_NAME "(?<!" NAME_CHARS ")"

#define MSWORD  "microsoft word"
#define PREVIEW "Preview"

static const struct clean_step clean_steps[] = {
    {.head = {.id = "word.read-only"}, .stage = STAGE_NAME, .kind = CLEAN_REPLACE, .app = {APP_CONTAINS, MSWORD,
     false}, .replacement = "",
     .pattern = {.regex = NOT_AFTER_SPACE "[" SP "]*-[" SP "]*Read-Only$", .literal = "-", .caseless = true}},
    {.head = {.id = "word.read-only-trim"}, .stage = STAGE_NAME, .kind = CLEAN_TRIM, .app = {APP_CONTAINS, MSWORD,
     false}},
    {.head = {.id = "word.compatibility"}, .stage = STAGE_NAME, .kind = CLEAN_REPLACE, .app = {APP_CONTAINS, MSWORD,
     false}, .replacement = "",
     .pattern = {.regex = NOT_AFTER_SPACE "[" SP "]+-[" SP "]+Compatibility Mode$", .literal = "-", .caseless = true}},
    {.head = {.id = "word.compatibility-trim"}, .stage = STAGE_NAME, .kind = CLEAN_TRIM, .app = {APP_CONTAINS, MSWORD,
     false}},
    {.head = {.id = "word.brackets"}, .stage = STAGE_NAME, .kind = CLEAN_REPLACE, .app = {APP_CONTAINS, MSWORD, false},
     .replacement = "_$1",
     .pattern = {.regex = "_\\[(\\d+)\\]", .literal = "_["}},
    {.head = {.id = "word.portal-dash"}, .stage = STAGE_NAME, .kind = CLEAN_REPLACE, .app = {APP_CONTAINS, MSWORD,
     false}, .if_prefix = "Portal",
     .replacement = "Portal ", .pattern = {.regex = "\\APortal[" SP "]*-[" SP "]*", .literal = "-"}},
    {.head = {.id = "word.portal-spaces"}, .stage = STAGE_NAME, .kind = CLEAN_REPLACE, .app = {APP_CONTAINS, MSWORD,
     false}, .if_prefix = "Portal",
     .replacement = " ", .pattern = {.regex = "[" SP "]+"}},
    {.head = {.id = "word.unnamed"}, .stage = STAGE_NAME, .kind = CLEAN_DROP, .app = {APP_CONTAINS, MSWORD, false},
     .if_prefix = "Document",
     .pattern = {.regex = "^Document\\d+$", .digits = 1}},
    {.head = {.id = "word.name"}, .stage = STAGE_NAME, .kind = CLEAN_END, .app = {APP_CONTAINS, MSWORD, false}},
    {.head = {.id = "preview.pdf"}, .stage = STAGE_NAME, .kind = CLEAN_EXTRACT, .app = {APP_CONTAINS, PREVIEW, false},
     .pattern = {.regex = "(?m)^.+?\\.pdf", .literal = ".pdf"}},
    {.head = {.id = "file.name"}, .stage = STAGE_NAME, .kind = CLEAN_EXTRACT,
     .pattern = {.regex = NOT_INSIDE_NAME NAME_CHARS "+\\.(?:docx|xlsx|pptx|csv|md|txt|py|js|html|css)", .literal = ".",
         .caseless = true}},

    {.head = {.id = "browser.chrome-profile"}, .stage = STAGE_NOISE, .kind = CLEAN_REPLACE, .replacement = "",
     .pattern = {.regex = " - Google Chrome – .++$", .literal = " - Google Chrome – "}},
    {.head = {.id = "browser.chrome"}, .stage = STAGE_NOISE, .kind = CLEAN_REPLACE, .replacement = "",
     .pattern = {.regex = " - Google Chrome$", .literal = " - Google Chrome"}},
    /* Edge puts a zero-width space into its name; without it, it is somebody's own words. */
    {.head = {.id = "browser.edge"}, .stage = STAGE_NOISE, .kind = CLEAN_REPLACE, .replacement = "",
     .pattern = {.regex = " - Microsoft\\x{200b} Edge$", .literal = " Edge"}},
    {.head = {.id = "browser.firefox"}, .stage = STAGE_NOISE, .kind = CLEAN_REPLACE, .replacement = "",
     .pattern = {.regex = " — Mozilla Firefox$", .literal = " — Mozilla Firefox"}},
    {.head = {.id = "mail.unread"}, .stage = STAGE_NOISE, .kind = CLEAN_REPLACE, .replacement = "",
     .pattern = {.regex = " \\(\\d+ unread\\)$", .literal = " unread)", .digits = 1}},
};

#define NAME(rule, title) {.head = {.id = "vague." rule}, .kind = VAGUE_NAME, .text = (title)}

static const struct vague_rule vague_rules[] = {
    NAME("no-details", "No Details"),
    NAME("paste", "Paste"),
    NAME("new-tab", "New Tab"),
    NAME("untitled", "Untitled"),
    NAME("reminders", "Reminders"),
    NAME("calendar", "Calendar"),
    NAME("microsoft-teams", "Microsoft Teams"),
    NAME("cursor", "Cursor"),
    NAME("alp-clone", "ALP Clone"),
    NAME("coding", "Coding"),
    NAME("notes", "Notes"),
    NAME("balloons", "Balloons"),
    NAME("accept", "Accept"),
    NAME("table-of-contents", "Table of Contents"),
    NAME("change-case", "Change Case"),
    NAME("styles", "Styles"),
    NAME("text-highlight-color", "Text Highlight Color"),
    NAME("markup-options", "Markup Options"),
    NAME("open-recent-files", "Open new and recent files"),
    NAME("tv", "TV"),
    NAME("downloads", "Downloads"),
    NAME("recents", "Recents"),
    NAME("onedrive", "OneDrive"),
    NAME("google", "Google"),
    NAME("welcome", "Welcome"),
    NAME("github", "GitHub"),
    NAME("rules", "Rules"),
    NAME("rescuetime", "RescueTime"),
    NAME("copilot", "Copilot"),
    NAME("remarkable", "reMarkable"),
    NAME("pilot", "Pilot"),
    NAME("recent", "Recent"),
    {.head = {.id = "vague.search"}, .kind = VAGUE_PREFIX, .text = "Search, Suggestions"},
    {.head = {.id = "vague.unnamed-document"}, .kind = VAGUE_PATTERN,
     .pattern = {.regex = "^Document\\d+$", .literal = "Document", .digits = 1}},
    {.head = {.id = "vague.reminder-count"}, .kind = VAGUE_PATTERN,
     .pattern = {.regex = "^\\d+ Reminder$", .literal = " Reminder", .digits = 1}},
};

static const struct matter_rule matter_rules[] = {
    {.head = {.id = "matter.brackets"}, .pattern = {.regex = "\\[(\\d{5})\\]", .literal = "[", .digits = 5}},
    {.head = {.id = "matter.underscores"}, .pattern = {.regex = "_(\\d{5})_", .literal = "_", .digits = 5}},
    {.head = {.id = "matter.after-underscore"}, .pattern = {.regex = "_(\\d{5})(?=[_" SP "]|$)", .literal = "_",
     .digits = 5}},
    {.head = {.id = "matter.before-underscore"}, .pattern = {.regex = "(?:^|[_" SP "])(\\d{5})_", .literal = "_",
     .digits = 5}},
    {.head = {.id = "matter.word"}, .pattern = {.regex = "(?:^|[" SP "])(\\d{5})(?:[" SP "]|$)", .digits = 5}},
};

const struct ruleset builtin_ruleset = {
    .version = "builtin-1",
    .clean = clean_steps,
    .clean_count = ELEMENTSOF(clean_steps),
    .vague = vague_rules,
    .vague_count = ELEMENTSOF(vague_rules),
    .vague_chars_max = 25,
    .matter = matter_rules,
    .matter_count = ELEMENTSOF(matter_rules),
    .matter_source = MATTER_FROM_TASK,
    .matter_listing = LIST_IGNORE,
    .merge_keys = MERGE_APPLICATION | MERGE_TASK,
    .units = {.rounding = ROUNDING_TENTH_UP, .per = UNITS_PER_ENTRY},
};
