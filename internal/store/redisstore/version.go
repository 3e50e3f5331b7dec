package redisstore

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// The version of the layout that the package's comment describes, and of the
// records in it (docs/ARCHITECTURE.md, "Versions of stored records"). A daemon
// refuses a store of a newer major one; a minor one adds what an older daemon
// may ignore and drop.
const (
	layoutMajor = 1
	layoutMinor = 0
)

// version is what the layout's key holds: "1.0", or "1".
type version struct{ major, minor int }

func (v version) String() string { return strconv.Itoa(v.major) + "." + strconv.Itoa(v.minor) }

func parseVersion(text string) (v version, err error) {
	major, minor, dotted := strings.Cut(text, ".")
	v.major, err = strconv.Atoi(major)
	if err == nil && dotted {
		v.minor, err = strconv.Atoi(minor)
	}
	if err != nil || v.major < 0 || v.minor < 0 {
		return v, fmt.Errorf("key %s holds %q, not the number of a layout", layoutKey, text)
	}
	return v, nil
}

// newer is the error of a store that a newer major version has written.
type newer struct{ stored version }

// ErrNewer is what errors.Is finds where a newer version has written there.
var ErrNewer = errors.New("a newer version of astreinte wrote there")

// Is makes errors.Is(err, ErrNewer) hold.
func (*newer) Is(target error) bool { return target == ErrNewer }

// Error says what to do.
func (e *newer) Error() string {
	return fmt.Sprintf("a newer version of astreinte wrote there: layout %s, this one knows %d.%d: update it, or go back to the backup of before",
		e.stored, layoutMajor, layoutMinor)
}

// versionCommands read the layout's version, and write it where there is none.
func versionCommands(ctx context.Context) (set *redis.BoolCmd, get *redis.StringCmd) {
	return redis.NewBoolCmd(ctx, "setnx", layoutKey, version{layoutMajor, layoutMinor}.String()), redis.NewStringCmd(ctx, "get", layoutKey)
}

// understand judges what versionCommands read. Once a store is found to be a
// newer one's every call fails: an older daemon that went on would spoil it.
func (s *Store) understand(text string) (version, error) {
	stored, err := parseVersion(text)
	if err == nil && stored.major > layoutMajor {
		err = &newer{stored}
		s.outdated.Store(&err)
	}
	return stored, err
}

// checkLayout is Open's.
func (s *Store) checkLayout(ctx context.Context) error {
	set, get := versionCommands(ctx)
	if err := s.trade(ctx, []redis.Cmder{set, get}, 0); err != nil {
		return err
	}
	stored, err := s.understand(get.Val())
	if err == nil && stored.major == layoutMajor && stored.minor < layoutMinor {
		err = s.trade(ctx, []redis.Cmder{redis.NewStatusCmd(ctx, "set", layoutKey, version{layoutMajor, layoutMinor}.String())}, 0)
	}
	return err
}
