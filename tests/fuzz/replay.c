/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/*
 * replay: a main() in place of libFuzzer's.  Gives a fuzz target every file of
 * the named folders, so that each corpus is also an ordinary test.
 */

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum {
	INPUT_MAX = 16 * 1024 * 1024, /* bytes */
	PATH_ROOM = 4096,
};

static void
replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *bytes = malloc(INPUT_MAX), *exact;
	size_t n;

	if (f == NULL || bytes == NULL) {
		perror(path);
		exit(1);
	}
	n = fread(bytes, 1, INPUT_MAX, f);
	/* The memory has exactly the size of the input, so that a sanitizer
	 * finds a read beyond the end. */
	exact = realloc(bytes, n > 0 ? n : 1);
	if (exact == NULL || ferror(f)) {
		perror(path);
		exit(1);
	}
	fclose(f);
	fprintf(stderr, "%s\n", path);
	LLVMFuzzerTestOneInput(exact, n);
	free(exact);
}

static size_t
replay_folder(const char *folder)
{
	DIR *d = opendir(folder);
	struct dirent *entry;
	char path[PATH_ROOM];
	struct stat st;
	size_t n = 0;

	if (d == NULL) {
		perror(folder);
		exit(1);
	}
	while ((entry = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (stat(path, &st) == -1 || !S_ISREG(st.st_mode))
			continue;
		replay_file(path);
		n++;
	}
	closedir(d);
	return n;
}

int
main(int argc, char *argv[])
{
	size_t n = 0;

	for (int i = 1; i < argc; i++)
		n += replay_folder(argv[i]);
	printf("replayed %zu\n", n);
	return n == 0;
}
