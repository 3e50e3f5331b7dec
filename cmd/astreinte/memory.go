package main

import (
	"io/fs"
	"math"
	"os"
	"path"
	"runtime/debug"
	"strconv"
	"strings"

	"go.uber.org/zap"
)

// limitMemory has the runtime keep its memory below four fifths of what the
// process may use, unless GOMEMLIMIT says otherwise. It returns what the
// process may use; 0: unknown.
func limitMemory(log *zap.Logger) int64 {
	usable := usableMemory(os.DirFS("/"))
	if os.Getenv("GOMEMLIMIT") == "" && usable > 0 {
		debug.SetMemoryLimit(usable / 5 * 4)
	}
	limit := debug.SetMemoryLimit(-1)
	if limit == math.MaxInt64 {
		return usable
	}
	log.Info("memory is limited", zap.Int64("usable_bytes", usable), zap.Int64("gomemlimit_bytes", limit))
	if usable == 0 {
		return limit
	}
	return min(usable, limit/4*5)
}

// usableMemory is the least of two: what the machine has, and what the
// process's control groups allow. It looks at both versions and at all groups
// above. It is 0 if nothing says it. root is the root of the file system.
func usableMemory(root fs.FS) int64 {
	least := machineMemory(root)
	groups, _ := fs.ReadFile(root, "proc/self/cgroup") // other systems have no control groups
	for line := range strings.Lines(string(groups)) {
		_, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
		controllers, group, ok := strings.Cut(rest, ":")
		switch {
		case !ok:
		case controllers == "":
			least = lesser(least, groupMemory(root, "sys/fs/cgroup", group, "memory.max"))
			least = lesser(least, groupMemory(root, "sys/fs/cgroup", group, "memory.high"))
		case strings.Contains(","+controllers+",", ",memory,"):
			least = lesser(least, groupMemory(root, "sys/fs/cgroup/memory", group, "memory.limit_in_bytes"))
		}
	}
	return least
}

// groupMemory is the least that a file says, of a group and of all groups
// above it. In a container the mount may begin with the group itself.
func groupMemory(root fs.FS, mount, group, file string) (least int64) {
	for group = path.Join("/", group); ; group = path.Dir(group) {
		text, err := fs.ReadFile(root, path.Join(mount, group, file))
		if limit, odd := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && odd == nil {
			least = lesser(least, limit)
		}
		if group == "/" {
			return least
		}
	}
}

// machineMemory is the machine's memory; 0: unknown.
func machineMemory(root fs.FS) int64 {
	text, _ := fs.ReadFile(root, "proc/meminfo")
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "MemTotal:" {
			if kib, err := strconv.ParseInt(fields[1], 10, 64); err == nil {
				return kib << 10
			}
		}
	}
	return 0
}

// lesser is the lesser of two limits. 0 is no limit.
func lesser(a, b int64) int64 {
	if a <= 0 || b > 0 && b < a {
		return max(b, 0)
	}
	return a
}
