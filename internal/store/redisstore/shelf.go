package redisstore

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

// recordStore is the store's records.Store. A home's records lie in its slot.
// homesKey names all homes, so that whoever claims finds them.
type recordStore struct{ s *Store }

// Records are the store's records.
func (s *Store) Records() records.Store { return recordStore{s} }

// hintKey begins the names of the channels for hints.
const hintKey = root + "records:"

// Get implements records.Store.
func (r recordStore) Get(ctx context.Context, home, kind, key string) (records.Record, error) {
	c := r.s.scripts.shelved.on(ctx, sourceKey(home), kind, 1, key, 1)
	err := r.s.run(ctx, c)
	if err == nil {
		var list []records.Record
		var damaged string
		if list, damaged, err = r.read(home, kind, c); err == nil && len(list) == 1 {
			return list[0], nil
		}
		if err == nil && damaged != "" {
			err = escalation.ErrDamaged
		}
		err = cmp.Or(err, error(records.ErrNotFound))
	}
	return records.Record{}, failed(err, "read %s %q of %s", kind, key, home)
}

// List implements records.Store.
func (r recordStore) List(ctx context.Context, home, kind, after string, most int) (list []records.Record, err error) {
	for {
		c := r.s.scripts.shelved.on(ctx, sourceKey(home), kind, 0, after, most)
		if err = r.s.run(ctx, c); err != nil {
			break
		}
		var damaged string
		list, damaged, err = r.read(home, kind, c)
		if err != nil || len(list) > 0 || damaged == "" {
			break
		}
		after = damaged // all of them are damaged: there may be others behind
	}
	if err != nil {
		return nil, failed(err, "list %s of %s", kind, home)
	}
	return list, nil
}

// read reads records from a script's answer. damaged is the key of the last
// record that is damaged. Damaged records are noted.
func (r recordStore) read(home, kind string, c *call) (list []records.Record, damaged string, err error) {
	answer := c.reply()
	for answer.more() {
		answer.list(func(inner *reply) {
			record := records.Record{Home: home, Kind: kind, Key: inner.text()}
			if !inner.more() {
				damaged = record.Key
				r.s.Note(ticket.RecordOther, home+" "+kind+" "+record.Key, errRecord)
				return
			}
			record.Revision, record.Due, record.Until = inner.number(), inner.time(), inner.time()
			record.Owner, record.Value = inner.text(), []byte(inner.text())
			list = append(list, record)
		})
	}
	return list, damaged, answer.err
}

var errRecord = errors.New("it is not what was written there")

// Write implements records.Store.
func (r recordStore) Write(ctx context.Context, home string, writes ...records.Write) ([]int64, error) {
	if err := records.Check(home, writes); err != nil {
		return nil, err
	}
	script := r.s.scripts.reshelve
	if slices.ContainsFunc(writes, func(w records.Write) bool { return w.Grows() }) {
		script = r.s.scripts.shelve // it brings something new
	}
	c := script.on(ctx, sourceKey(home), appendWrites([]any{hintKey}, writes)...)
	if err := r.s.save(ctx, r.s.homing(ctx, home), c); err != nil {
		return nil, failed(err, "write %d records of %s", len(writes), home)
	}
	answer, revisions := c.reply(), make([]int64, 0, len(writes))
	if answer.text() == "conflict" {
		w := &writes[min(int(max(answer.number(), 0)), len(writes)-1)]
		return nil, failed(records.ErrConflict, "write %s %q of %s", w.Kind, w.Key, home)
	}
	for answer.more() {
		revisions = append(revisions, answer.number())
	}
	if answer.err != nil || len(revisions) != len(writes) {
		return nil, failed(cmp.Or(answer.err, errRecord), "write %d records of %s", len(writes), home)
	}
	return revisions, nil
}

// homing is the command that puts a home into the set of all homes. It goes
// with every write, so that a set that was lost is soon whole again. It runs
// on a full server too, because a commit that ends something may write
// records.
func (s *Store) homing(ctx context.Context, home string) redis.Cmder {
	return s.scripts.home.on(ctx, homesKey, home)
}

// appendWrites adds the arguments of writes, in the order that script shelve
// names them in.
func appendWrites(args []any, writes []records.Write) []any {
	for i := range writes {
		w := &writes[i]
		args = append(args, w.Kind, w.Key, w.Revision, flag(w.Remove), stamp(records.Instant(w.Due)), w.Value)
	}
	return args
}

// Claim implements records.Store. One round trip looks at what is due in each
// home. A second claims, the earliest first. It leaves out what another daemon
// took in between.
func (r recordStore) Claim(ctx context.Context, c records.Claim) ([]records.Record, error) {
	shares, err := r.shares(ctx, &c)
	var claimed []records.Record
	calls := make(map[string]*call, len(shares))
	var cmds []redis.Cmder
	for home, most := range shares {
		calls[home] = r.s.scripts.taken.on(ctx, sourceKey(home), c.Kind,
			stamp(records.Instant(c.Now)), stamp(records.Instant(c.Until)), c.Owner, most)
		cmds = append(cmds, calls[home])
	}
	if len(cmds) > 0 {
		err = errors.Join(err, r.s.run(ctx, cmds...))
	}
	for home, call := range calls {
		if call.Err() != nil {
			continue
		}
		list, _, errRead := r.read(home, c.Kind, call)
		claimed, err = append(claimed, list...), cmp.Or(err, errRead)
	}
	if err != nil && len(claimed) == 0 {
		return nil, failed(err, "claim %s for %s", c.Kind, c.Owner)
	}
	slices.SortFunc(claimed, func(a, b records.Record) int {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Home, b.Home), cmp.Compare(a.Key, b.Key))
	})
	return claimed, nil
}

// shares says how many records of each home to claim. If some homes cannot be
// asked, it works on the others.
func (r recordStore) shares(ctx context.Context, c *records.Claim) (shares map[string]int, err error) {
	homes := redis.NewStringSliceCmd(ctx, "smembers", homesKey)
	if err := r.s.run(ctx, homes); err != nil {
		return nil, err
	}
	var cmds []redis.Cmder
	for _, home := range homes.Val() {
		cmds = append(cmds, redis.NewZSliceCmd(ctx, "zrange", sourceKey(home)+"r:d:"+c.Kind,
			"-inf", strconv.FormatInt(c.Now.UnixMicro(), 10), "byscore", "limit", 0, c.Most, "withscores"))
	}
	if len(cmds) > 0 {
		err = r.s.run(ctx, cmds...)
	}
	type due struct {
		home string
		at   float64
	}
	var all []due
	for i, home := range homes.Val() {
		if found, ok := cmds[i].(*redis.ZSliceCmd); ok && found.Err() == nil {
			for _, z := range found.Val() {
				all = append(all, due{home, z.Score})
			}
		}
	}
	slices.SortFunc(all, func(a, b due) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.home, b.home)) })
	shares = map[string]int{}
	for _, d := range all[:min(c.Most, len(all))] {
		shares[d.home]++
	}
	return shares, err
}

// Watch implements records.Store, by Redis' channels.
func (r recordStore) Watch(ctx context.Context, kind string) <-chan struct{} {
	hints := make(chan struct{}, 1)
	go func() {
		sub := r.s.client.Subscribe(ctx, hintKey+kind)
		defer func() { _ = sub.Close() }()
		ends := context.AfterFunc(ctx, func() { _ = sub.Close() }) // the reading does not look at ctx
		defer ends()
		for first := true; ctx.Err() == nil; {
			said, err := sub.Receive(ctx)
			switch _, begins := said.(*redis.Subscription); {
			case errors.Is(err, redis.ErrClosed), redis.HasErrorPrefix(err, "NOPERM"):
				return
			case err != nil:
				pause(ctx, time.Second)
				continue
			case begins && first: // something may have been missed during a break
				first = false
				continue
			}
			select {
			case hints <- struct{}{}:
			default: // a hint waits already
			}
		}
	}()
	return hints
}
