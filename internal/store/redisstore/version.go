package redisstore

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/astreinte/astreinte/paging"
)

// The version of the layout that the package's comment describes, and of the
// records in it (docs/ARCHITECTURE.md, "Versions of stored records"). A daemon
// refuses a store of a newer major version. A minor version adds what an older
// daemon may ignore and drop.
const (
	layoutMajor = 2
	layoutMinor = 0
)

// Leave is how long daemons of an older major version have to notice that it was
// raised, before anything is written that they would spoil. They look each ten
// seconds (Store.Clock).
const Leave = 15 * time.Second

// version is the value of the layout's key: "1.0", or "1".
type version struct{ major, minor int }

func (v version) String() string { return strconv.Itoa(v.major) + "." + strconv.Itoa(v.minor) }

func (v version) before(other version) bool {
	return v.major < other.major || v.major == other.major && v.minor < other.minor
}

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
type newer struct{ stored, knows version }

// ErrNewer says that a newer version has written to the store. errors.Is finds
// it.
var ErrNewer = errors.New("a newer version of astreinte wrote there")

// Is makes errors.Is(err, ErrNewer) hold.
func (*newer) Is(target error) bool { return target == ErrNewer }

// Error says what to do.
func (e *newer) Error() string {
	return fmt.Sprintf("a newer version of astreinte wrote there: layout %s, this one knows %s: update it, or go back to the backup of before",
		e.stored, e.knows)
}

// Upgrading is the error of a store whose layout was raised a moment ago: daemons
// that know the older one alone may still write to it.
type Upgrading struct {
	Left time.Duration // after which it is ready
}

// Error says for how long.
func (u *Upgrading) Error() string {
	return fmt.Sprintf("its layout was raised a moment ago: daemons of the version before have %s more to notice", u.Left.Round(time.Second))
}

// standing is how the layout stands.
type standing struct {
	stored version
	from   version       // what it was before the upgrade that is not done yet
	doing  bool          // there is such an upgrade
	left   time.Duration // that older daemons have to notice it
}

// layout reads the layout's version, or raises it. If nothing is stored yet, it is this
// program's version. Once a store is found to be newer, its every call fails: an older
// daemon that went on would spoil it.
func (s *Store) layout(ctx context.Context, raise bool) (st standing, err error) {
	ask := "read"
	if raise {
		ask = "raise"
	}
	c := s.scripts.layout.onKeys(ctx, []string{layoutKey, upgradeKey}, s.knows.major, s.knows.minor, ask, s.leave.Microseconds())
	if err := s.trade(ctx, []redis.Cmder{c}, 0); err != nil {
		return st, err
	}
	r := c.reply()
	stored, from, left := r.text(), r.text(), r.number()
	if r.err != nil {
		return st, r.err
	}
	if st.stored, err = s.understand(stored); err != nil || from == "" {
		return st, err
	}
	st.doing, st.left = true, time.Duration(left)*time.Microsecond
	st.from, err = parseVersion(from)
	return st, err
}

// understand judges a version that was read.
func (s *Store) understand(text string) (version, error) {
	stored, err := parseVersion(text)
	if err == nil && stored.major > s.knows.major {
		err = &newer{stored, s.knows}
		s.outdated.Store(&err)
	}
	return stored, err
}

// upgrade adds to the store what this version's layout adds, once older daemons have had
// their time. Then the upgrade is done, for everybody.
func (s *Store) upgrade(ctx context.Context, from version) error {
	if from.before(version{1, 1}) {
		if err := s.copyDevices(ctx); err != nil {
			return err
		}
	}
	return s.run(ctx, redis.NewIntCmd(ctx, "del", upgradeKey))
}

// raised raises a version that is lower than ours by now: a failover took it back.
func (s *Store) raised(ctx context.Context, stored version) error {
	if !stored.before(s.knows) {
		return nil
	}
	_, err := s.layout(ctx, true)
	return err
}

// copyDevices copies devices, which layout 1.0 keeps in other hashes, into
// records. The hashes stay, for who goes back.
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
