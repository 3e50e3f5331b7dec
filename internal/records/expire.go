package records

import (
	"context"
	"errors"
	"time"
)

// Expire removes the records of a kind that are due. It is for kinds whose
// records need nothing else when they are due. It removes at most most of
// them, and says how many.
func Expire(ctx context.Context, s Store, kind, owner string, now time.Time, most int) (removed int, err error) {
	due, err := s.Claim(ctx, Claim{Kind: kind, Owner: owner, Now: now, Until: now.Add(time.Minute), Most: most})
	if err != nil {
		return 0, err
	}
	for len(due) > 0 {
		home := due[0].Home
		var writes, others []Record
		for _, r := range due {
			if r.Home == home {
				writes = append(writes, r)
			} else {
				others = append(others, r)
			}
		}
		n, err := remove(ctx, s, home, writes)
		if err != nil {
			return removed, err
		}
		removed, due = removed+n, others
	}
	return removed, nil
}

// remove removes records of one home at once. If somebody has written one of
// them meanwhile, it removes them one by one, and that one stays.
func remove(ctx context.Context, s Store, home string, list []Record) (removed int, err error) {
	writes := make([]Write, len(list))
	for i, r := range list {
		writes[i] = Write{Kind: r.Kind, Key: r.Key, Revision: r.Revision, Remove: true}
	}
	if _, err = s.Write(ctx, home, writes...); err == nil {
		return len(writes), nil
	}
	if !errors.Is(err, ErrConflict) {
		return 0, err
	}
	for _, w := range writes {
		switch _, err := s.Write(ctx, home, w); {
		case err == nil:
			removed++
		case !errors.Is(err, ErrConflict):
			return removed, err
		}
	}
	return removed, nil
}
