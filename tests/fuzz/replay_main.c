/* SPDX-License-Identifier: Apache-2.0 */
/* replay_main.c - runs a fuzz target without a fuzzer, as a test: each input of its corpus, each beginning of it, and each with single bytes
 * changed. Arguments name files or directories; without any, it is the corpus named like the program: tests/fuzz/corpus/X for fuzz_X. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX ((size_t)1024 * 1024)
#define STEPS_MAX 512 /* beginnings and changes tried of one input: large ones are sampled */

static unsigned long inputs;

/* A copy of exactly that size, so that a sanitizer sees the first byte read behind it. */
static void
run(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + (size == 0));

	if (copy == NULL)
		abort();
	if (size > 0)
		memcpy(copy, data, size);
	(void)LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void
run_variations(uint8_t *data, size_t size)
{
	static const uint8_t flips[] = {0x01, 0x80, 0xff};
	size_t step = size / STEPS_MAX + 1;

	run(data, size);
	for (size_t at = 0; at < size; at += step) {
		run(data, at);
		for (size_t i = 0; i < sizeof flips; i++) {
			data[at] ^= flips[i];
			run(data, size);
			data[at] ^= flips[i];
		}
	}
}

static int
run_file(const char *path)
{
	uint8_t *data = malloc(INPUT_MAX);
	FILE *f = fopen(path, "re");
	size_t size;

	if (data == NULL || f == NULL) {
		fprintf(stderr, "%s: cannot be read\n", path);
		return 1;
	}
	size = fread(data, 1, INPUT_MAX, f);
	(void)fclose(f);
	run_variations(data, size);
	free(data);
	inputs++;
	return 0;
}

static int
run_path(const char *path)
{
	char name[4096];
	struct dirent *entry;
	struct stat st;
	int r = 0;
	DIR *dir;

	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
		return run_file(path);
	dir = opendir(path);
	if (dir == NULL) {
		fprintf(stderr, "%s: cannot be read\n", path);
		return 1;
	}
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
		r |= run_file(name);
	}
	(void)closedir(dir);
	return r;
}

int
main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir"), *name = strrchr(argv[0], '/');
	char path[4096];
	int r = 0;

	name = name != NULL ? name + 1 : argv[0];
	name += strncmp(name, "fuzz_", 5) == 0 ? 5 : 0;
	(void)snprintf(path, sizeof path, "%s/tests/fuzz/corpus/%s", srcdir != NULL ? srcdir : ".", name);
	if (argc < 2)
		r = run_path(path);
	for (int i = 1; i < argc; i++)
		r |= run_path(argv[i]);
	printf("%lu inputs\n", inputs);
	return r != 0 || inputs == 0;
}
