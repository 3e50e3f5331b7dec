package redisstore

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/astreinte/astreinte/paging"
)

// The version of the layout that the package's comment describes, and of the
// records in it (docs/ARCHITECTURE.md, "Versions of stored records"). A daemon
// refuses a store of a newer major version. A minor version adds what an older
// daemon may ignore and drop.
const (
	layoutMajor = 1
	layoutMinor = 2
)

// version is the value of the layout's key: "1.0", or "1".
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

// ErrNewer says that a newer version has written to the store. errors.Is finds
// it.
var ErrNewer = errors.New("a newer version of astreinte wrote there")

// Is makes errors.Is(err, ErrNewer) hold.
func (*newer) Is(target error) bool { return target == ErrNewer }

// Error says what to do.
func (e *newer) Error() string {
	return fmt.Sprintf("a newer version of astreinte wrote there: layout %s, this one knows %d.%d: update it, or go back to the backup of before",
		e.stored, layoutMajor, layoutMinor)
}

// versionCommands read the layout's version, and write it if there is none.
func versionCommands(ctx context.Context) (set *redis.BoolCmd, get *redis.StringCmd) {
	return redis.NewBoolCmd(ctx, "setnx", layoutKey, version{layoutMajor, layoutMinor}.String()), redis.NewStringCmd(ctx, "get", layoutKey)
}

// understand judges what versionCommands read. Once a store is found to be
// newer, its every call fails: an older daemon that went on would spoil it.
func (s *Store) understand(text string) (version, error) {
	stored, err := parseVersion(text)
	if err == nil && stored.major > layoutMajor {
		err = &newer{stored}
		s.outdated.Store(&err)
	}
	return stored, err
}

// readLayout reads the layout's version. If nothing is stored yet, it is this
// program's version.
func (s *Store) readLayout(ctx context.Context) (version, error) {
	set, get := versionCommands(ctx)
	if err := s.trade(ctx, []redis.Cmder{set, get}, 0); err != nil {
		return version{}, err
	}
	return s.understand(get.Val())
}

// upgrade adds to the store what this version's layout adds, then raises the
// stored version.
func (s *Store) upgrade(ctx context.Context, stored version) error {
	if stored.major != layoutMajor || stored.minor >= layoutMinor {
		return nil
	}
	if stored.minor < 1 {
		if err := s.copyDevices(ctx); err != nil {
			return err
		}
	}
	return s.run(ctx, redis.NewStatusCmd(ctx, "set", layoutKey, version{layoutMajor, layoutMinor}.String()))
}

// copyDevices copies devices, which layout 1.0 keeps in other hashes, into
// records. The hashes stay for older daemons, which read nothing else.
func (s *Store) copyDevices(ctx context.Context) error {
	texts := redis.NewMapStringStringCmd(ctx, "hgetall", root+"devices:{devices}:json")
	if err := s.run(ctx, texts); err != nil {
		return err
	}
	for id, text := range texts.Val() {
		device, err := decode[paging.Device](text)
		if err != nil || device.Person == "" || device.Token == "" {
			continue
		}
		device.ID = id
		if _, err := s.PutDevice(ctx, device); err != nil {
			return err
		}
	}
	return nil
}
