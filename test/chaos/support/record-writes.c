// Preloaded into every process of a server: writes down, in one order over all of them, each call that changes files below a folder or
// makes them durable, with its bytes; and lets flushes fail when told to. A call is noted when it begins and when it has ended, so that
// a flush covers what had ended before it began. The log is opened with O_APPEND: its order is the order.
//   RECORD_WRITES_ROOT     what is watched        RECORD_WRITES_LOG     where it is written down
//   RECORD_WRITES_FAULTS   which calls shall fail: struct faults, mapped by everybody
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { OPEN = 1, WRITE, TRUNCATE, SYNC, RENAME, LINK, UNLINK, MKDIR };
enum phase { BEGIN = 1, END = 2 };
enum fault { PACK_FLUSH, FOLDER_FLUSH, CATALOG_FLUSH, CATALOG_META, PACK_OPEN, FAULTS };

// As test/chaos/support/power/read-recording.ts reads it.
struct head {
  uint32_t length; // of the whole record
  uint32_t pid;
  uint64_t call;
  uint8_t phase, kind;
  uint16_t path_length, other_length, flags; // flags: 1 = written through (O_DSYNC), 2 = a folder, 4 = created or cut off
  uint64_t inode;
  int64_t offset, result;
};

struct faults {
  _Atomic uint32_t per_million[FAULTS];
  _Atomic uint32_t injected[FAULTS];
};

static char root[PATH_MAX];
static size_t root_length;
static int log_fd = -1;
static struct faults *faults;
static _Atomic uint32_t calls;
static _Atomic uint64_t dice;

__attribute__((constructor)) static void begin(void) {
  const char *watched = getenv("RECORD_WRITES_ROOT"), *log = getenv("RECORD_WRITES_LOG"), *failing = getenv("RECORD_WRITES_FAULTS");
  if (!watched || !log || strlen(watched) >= sizeof root) return;
  strcpy(root, watched);
  root_length = strlen(root);
  dice = (uint64_t)getpid() * 0x9e3779b97f4a7c15u;
  if (failing) {
    int fd = syscall(SYS_openat, AT_FDCWD, failing, O_RDWR | O_CLOEXEC);
    void *map = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *faults, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map != MAP_FAILED) faults = map;
    if (fd >= 0) syscall(SYS_close, fd);
  }
  int fd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CLOEXEC);
  // Far from the low numbers, which a fork may hand out anew.
  log_fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 500);
  if (fd >= 0) syscall(SYS_close, fd);
}

#define REAL(name) ((__typeof__(&name))real(#name))
static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

static int watches(const char *path) {
  return log_fd >= 0 && strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || path[root_length] == 0);
}

// Where the path leads; relative ones from the working folder.
static const char *whole(const char *path, char *into) {
  if (path[0] == '/') return path;
  if (!getcwd(into, PATH_MAX)) return path;
  size_t length = strlen(into);
  snprintf(into + length, PATH_MAX - length, "/%s", path);
  return into;
}

static void note(struct head *head, const char *path, const char *other, const struct iovec *data, int count) {
  int before = errno;
  size_t bytes = 0;
  for (int at = 0; at < count; at++) bytes += data[at].iov_len;
  head->path_length = path ? strlen(path) : 0;
  head->other_length = other ? strlen(other) : 0;
  head->length = sizeof *head + head->path_length + head->other_length + bytes;
  head->pid = getpid();
  char *record = malloc(head->length), *to = record;
  if (!record) abort();
  memcpy(to, head, sizeof *head), to += sizeof *head;
  if (path) memcpy(to, path, head->path_length), to += head->path_length;
  if (other) memcpy(to, other, head->other_length), to += head->other_length;
  for (int at = 0; at < count; at++) memcpy(to, data[at].iov_base, data[at].iov_len), to += data[at].iov_len;
  if (syscall(SYS_write, log_fd, record, (size_t)head->length) != (long)head->length) {
    static const char words[] = "record-writes: the log takes no more\n";
    syscall(SYS_write, 2, words, sizeof words - 1);
    abort(); // a recording with holes proves nothing
  }
  free(record);
  errno = before;
}

static struct head headed(enum kind kind) {
  return (struct head){.kind = kind, .call = ((uint64_t)getpid() << 32) | atomic_fetch_add(&calls, 1)};
}

static void began(struct head *head, const char *path, const char *other, const struct iovec *data, int count) {
  head->phase = BEGIN;
  note(head, path, other, data, count);
}

static void ended(struct head *head, int64_t result, const char *path) {
  head->phase = END;
  head->result = result;
  note(head, path, NULL, NULL, 0);
}

// Of a descriptor that is watched: its path, inode and flags; 0 otherwise.
static int known(int fd, struct head *head, char *path) {
  if (log_fd < 0) return 0;
  struct stat facts;
  int before = errno, watched = 0;
  if (fstat(fd, &facts) == 0 && (S_ISREG(facts.st_mode) || S_ISDIR(facts.st_mode))) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length > 0) {
      path[length] = 0;
      watched = watches(path);
      head->inode = facts.st_ino;
      int flags = fcntl(fd, F_GETFL);
      head->flags = ((flags & O_DSYNC) ? 1 : 0) | (S_ISDIR(facts.st_mode) ? 2 : 0);
      head->offset = (flags & O_APPEND) ? facts.st_size : lseek(fd, 0, SEEK_CUR);
    }
  }
  errno = before;
  return watched;
}

static int fails(enum fault which) {
  if (!faults) return 0;
  uint32_t chance = atomic_load(&faults->per_million[which]);
  if (chance == 0) return 0;
  uint64_t x = atomic_fetch_add(&dice, 0x9e3779b97f4a7c15u);
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  if ((x >> 33) % 1000000 >= chance) return 0;
  atomic_fetch_add(&faults->injected[which], 1);
  return 1;
}

static int is_catalog(const char *path) { return strstr(path, "/catalog/data.mdb") != NULL; }

// ---- calls ----

static int opened(int (*call)(const char *, int, ...), const char *path, int flags, mode_t mode) {
  char into[PATH_MAX];
  const char *full = whole(path, into);
  if (!watches(full)) return call(path, flags, mode);
  int changes = (flags & (O_CREAT | O_TRUNC)) != 0;
  if (changes && strstr(full, "/packs/") && fails(PACK_OPEN)) return errno = EIO, -1;
  int fd = call(path, flags, mode);
  if (fd < 0 || !changes) return fd;
  struct head head = headed(OPEN);
  struct stat facts;
  if (fstat(fd, &facts) == 0) head.inode = facts.st_ino;
  head.flags = (flags & O_TRUNC) ? 4 : 0;
  ended(&head, 0, full);
  return fd;
}

#define OPENS(name)                                  \
  int name(const char *path, int flags, ...) {       \
    va_list more;                                    \
    va_start(more, flags);                           \
    mode_t mode = va_arg(more, int);                 \
    va_end(more);                                    \
    return opened(REAL(name), path, flags, mode);    \
  }
OPENS(open)
OPENS(open64)

static ssize_t written(int fd, const struct iovec *data, int count, off_t offset, ssize_t (*act)(int, const struct iovec *, int, off_t)) {
  char path[PATH_MAX];
  struct head head = headed(WRITE);
  if (!known(fd, &head, path)) return act(fd, data, count, offset);
  if (offset >= 0) head.offset = offset;
  began(&head, NULL, NULL, data, count);
  ssize_t result = act(fd, data, count, offset);
  // The bytes stand in the page cache; whether they reached the disk nobody knows.
  int is_failing = result > 0 && (head.flags & 1) && is_catalog(path) && fails(CATALOG_META);
  ended(&head, is_failing ? -1 : result, NULL);
  return is_failing ? (errno = EIO, -1) : result;
}

static ssize_t act_write(int fd, const struct iovec *data, int count, off_t offset) {
  (void)count, (void)offset;
  return REAL(write)(fd, data->iov_base, data->iov_len);
}
static ssize_t act_pwrite(int fd, const struct iovec *data, int count, off_t offset) {
  (void)count;
  return REAL(pwrite64)(fd, data->iov_base, data->iov_len, offset);
}
static ssize_t act_writev(int fd, const struct iovec *data, int count, off_t offset) {
  (void)offset;
  return REAL(writev)(fd, data, count);
}
static ssize_t act_pwritev(int fd, const struct iovec *data, int count, off_t offset) {
  return REAL(pwritev64)(fd, data, count, offset);
}

ssize_t write(int fd, const void *bytes, size_t length) {
  struct iovec data = {(void *)bytes, length};
  return written(fd, &data, 1, -1, act_write);
}
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  struct iovec data = {(void *)bytes, length};
  return written(fd, &data, 1, offset, act_pwrite);
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return pwrite64(fd, bytes, length, offset); }
ssize_t writev(int fd, const struct iovec *data, int count) { return written(fd, data, count, -1, act_writev); }
ssize_t pwritev64(int fd, const struct iovec *data, int count, off64_t offset) { return written(fd, data, count, offset, act_pwritev); }
ssize_t pwritev(int fd, const struct iovec *data, int count, off_t offset) { return pwritev64(fd, data, count, offset); }

static int synced(int fd, int (*call)(int)) {
  char path[PATH_MAX];
  struct head head = headed(SYNC);
  if (!known(fd, &head, path)) return call(fd);
  began(&head, path, NULL, NULL, 0);
  enum fault which = (head.flags & 2) ? FOLDER_FLUSH : is_catalog(path) ? CATALOG_FLUSH : PACK_FLUSH;
  int is_failing = ((head.flags & 2) || is_catalog(path) || strstr(path, "/packs/")) && fails(which);
  int result = is_failing ? (errno = EIO, -1) : call(fd);
  ended(&head, result, path);
  return result;
}
int fsync(int fd) { return synced(fd, REAL(fsync)); }
int fdatasync(int fd) { return synced(fd, REAL(fdatasync)); }

static int truncated(int fd, off64_t length, int (*call)(int, off64_t)) {
  char path[PATH_MAX];
  struct head head = headed(TRUNCATE);
  int is_known = known(fd, &head, path), result = call(fd, length);
  head.offset = length;
  if (is_known && result == 0) ended(&head, 0, path);
  return result;
}
int ftruncate64(int fd, off64_t length) { return truncated(fd, length, REAL(ftruncate64)); }
int ftruncate(int fd, off_t length) { return truncated(fd, length, REAL(ftruncate64)); }

static int renamed(enum kind kind, const char *from, const char *to, int (*call)(const char *, const char *)) {
  char one[PATH_MAX], other[PATH_MAX];
  const char *old = whole(from, one), *new = whole(to, other);
  if (!watches(old) && !watches(new)) return call(from, to);
  struct head head = headed(kind);
  began(&head, old, new, NULL, 0);
  int result = call(from, to);
  ended(&head, result, NULL);
  return result;
}
int rename(const char *from, const char *to) { return renamed(RENAME, from, to, REAL(rename)); }
int link(const char *from, const char *to) { return renamed(LINK, from, to, REAL(link)); }

int unlink(const char *path) {
  char into[PATH_MAX];
  const char *full = whole(path, into);
  if (!watches(full)) return REAL(unlink)(path);
  struct head head = headed(UNLINK);
  began(&head, full, NULL, NULL, 0);
  int result = REAL(unlink)(path);
  ended(&head, result, NULL);
  return result;
}

int mkdir(const char *path, mode_t mode) {
  char into[PATH_MAX];
  const char *full = whole(path, into);
  if (!watches(full)) return REAL(mkdir)(path, mode);
  struct head head = headed(MKDIR);
  began(&head, full, NULL, NULL, 0);
  int result = REAL(mkdir)(path, mode);
  ended(&head, result, NULL);
  return result;
}

// Nobody writes through a map that is meant to last: LMDB maps its file for reading only.
int msync(void *at, size_t length, int flags) {
  int result = REAL(msync)(at, length, flags);
  if (log_fd >= 0) {
    static const char words[] = "record-writes: msync is not recorded\n";
    syscall(SYS_write, 2, words, sizeof words - 1);
    abort();
  }
  return result;
}
