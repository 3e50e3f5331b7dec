package storetest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
)

func recordCases() []testCase {
	return []testCase{
		{"written, read, written over, removed", recordsRevised},
		{"by revision", recordsConflict},
		{"several, or none", recordsTogether},
		{"kinds and homes apart, in the order of keys", recordsListed},
		{"any bytes", recordsOfBytes},
		{"bounds", recordsBounded},
		{"claimed when due, the earliest first", recordsClaimed},
		{"a claim runs out", recordsRunOut},
		{"a claim is fenced off", recordsFenced},
		{"at once, one wins", recordsAtOnce},
		{"claimed at once by one", recordsClaimedAtOnce},
		{"watched", recordsWatched},
		{"written by a ticket's commit", recordsOfCommit},
		{"expired", recordsExpired},
		{"of an idea that no store has heard of", recordsOfAnIdea},
	}
}

const silence = "silence" // a kind

// putRecord writes one record whatever was there before. The store must take
// it.
func (b *bench) putRecord(home string, w records.Write) int64 {
	b.Helper()
	w.Kind, w.Revision = silence, records.Any
	revisions, err := b.s.Records().Write(b.ctx, home, w)
	b.ok(err)
	if len(revisions) != 1 || (revisions[0] == 0) != w.Remove {
		b.Fatalf("Write: revisions %v", revisions)
	}
	return revisions[0]
}

func (b *bench) record(home, key string) records.Record {
	b.Helper()
	r, err := b.s.Records().Get(b.ctx, home, silence, key)
	b.ok(err)
	return r
}

func (b *bench) claimRecords(owner string, now time.Duration, most int) []records.Record {
	b.Helper()
	claimed, err := b.s.Records().Claim(b.ctx, records.Claim{
		Kind: silence, Owner: owner, Now: At(now), Until: At(now + time.Minute), Most: most,
	})
	b.ok(err)
	return claimed
}

func keysOf(list []records.Record) string {
	keys := make([]string, len(list))
	for i := range list {
		keys[i] = list[i].Home + "/" + list[i].Key
	}
	return strings.Join(keys, " ")
}

func recordsRevised(b *bench) {
	_, err := b.s.Records().Get(b.ctx, records.House, silence, "one")
	b.is("before", err, records.ErrNotFound)
	first := b.putRecord(records.House, records.Write{Key: "one", Value: []byte("1"), Due: At(time.Second + 7)})
	want := records.Record{
		Home: records.House, Kind: silence, Key: "one", Value: []byte("1"), Revision: first, Due: At(time.Second),
	}
	b.same("as it was written", b.record(records.House, "one"), want)
	second := b.putRecord(records.House, records.Write{Key: "one", Value: []byte("2")})
	if second == first {
		b.Errorf("revision %d twice", first)
	}
	b.same("written over", b.record(records.House, "one"), records.Record{
		Home: records.House, Kind: silence, Key: "one", Value: []byte("2"), Revision: second,
	})
	b.putRecord(records.House, records.Write{Key: "one", Remove: true})
	b.putRecord(records.House, records.Write{Key: "one", Remove: true})
	_, err = b.s.Records().Get(b.ctx, records.House, silence, "one")
	b.is("after", err, records.ErrNotFound)
	if third := b.putRecord(records.House, records.Write{Key: "one"}); third == first || third == second {
		b.Errorf("a record that was removed has revision %d again", third)
	}
}

func recordsConflict(b *bench) {
	write := func(w records.Write) ([]int64, error) {
		w.Kind, w.Key = silence, "one"
		return b.s.Records().Write(b.ctx, prometheus, w)
	}
	_, err := write(records.Write{Revision: 1})
	b.is("over one that is not there", err, records.ErrConflict)
	made, err := write(records.Write{Value: []byte("a")})
	b.ok(err)
	_, err = write(records.Write{Value: []byte("b")})
	b.is("as a new one", err, records.ErrConflict)
	_, err = write(records.Write{Revision: made[0] + 1, Value: []byte("b")})
	b.is("over another revision", err, records.ErrConflict)
	_, err = write(records.Write{Revision: made[0] + 1, Remove: true})
	b.is("another revision removed", err, records.ErrConflict)
	b.same("nothing has changed", string(b.record(prometheus, "one").Value), "a")
	next, err := write(records.Write{Revision: made[0], Value: []byte("b")})
	b.ok(err)
	_, err = write(records.Write{Revision: made[0], Value: []byte("c")})
	b.is("a second time", err, records.ErrConflict)
	_, err = write(records.Write{Revision: next[0], Remove: true})
	b.ok(err)
	_, err = write(records.Write{Revision: next[0], Remove: true})
	b.ok(err) // it is gone
}

func recordsTogether(b *bench) {
	b.putRecord(grafana, records.Write{Key: "there", Value: []byte("a")})
	_, err := b.s.Records().Write(b.ctx, grafana,
		records.Write{Kind: silence, Key: "new", Value: []byte("b")},
		records.Write{Kind: "other", Key: "new", Value: []byte("c")},
		records.Write{Kind: silence, Key: "there", Value: []byte("d")})
	b.is("one of three meets another", err, records.ErrConflict)
	for _, kind := range []string{silence, "other"} {
		_, err := b.s.Records().Get(b.ctx, grafana, kind, "new")
		b.is("none is written", err, records.ErrNotFound)
	}
	there := b.record(grafana, "there")
	revisions, err := b.s.Records().Write(b.ctx, grafana,
		records.Write{Kind: silence, Key: "there", Revision: there.Revision, Remove: true},
		records.Write{Kind: silence, Key: "new", Value: []byte("b")},
		records.Write{Kind: "other", Key: "new", Value: []byte("c")})
	b.ok(err)
	if len(revisions) != 3 || revisions[0] != 0 || revisions[1] == 0 || revisions[2] == 0 {
		b.Errorf("revisions %v", revisions)
	}
	b.same("the second", b.record(grafana, "new").Revision, revisions[1])
	_, err = b.s.Records().Get(b.ctx, grafana, silence, "there")
	b.is("the first", err, records.ErrNotFound)
}

func recordsListed(b *bench) {
	for _, key := range []string{"b", "a", "a b", "é", "a/", "B", "aa"} {
		b.putRecord(prometheus, records.Write{Key: key, Value: []byte(key)})
		b.putRecord(grafana, records.Write{Key: "not " + key})
	}
	if _, err := b.s.Records().Write(b.ctx, prometheus, records.Write{Kind: silence + "s", Key: "a"}); err != nil {
		b.Fatal(err)
	}
	list := func(after string, most int) string {
		b.Helper()
		found, err := b.s.Records().List(b.ctx, prometheus, silence, after, most)
		b.ok(err)
		for _, r := range found {
			b.same("a value", string(r.Value), r.Key)
		}
		return strings.ReplaceAll(keysOf(found), prometheus+"/", "")
	}
	b.same("all", list("", 100), "B a a b a/ aa b é")
	b.same("the first three", list("", 3), "B a a b")
	b.same("three after one", list("a b", 3), "a/ aa b")
	b.same("after one that is not there", list("a!", 2), "a/ aa")
	b.same("after the last", list("é", 3), "")
}

func recordsOfBytes(b *bench) {
	value := make([]byte, 256)
	for i := range value {
		value[i] = byte(i)
	}
	for _, key := range []string{"{}", "%", "a:b", "\x01", "…", strings.Repeat("k", ticket.MaxRecordKey)} {
		b.putRecord(zabbix, records.Write{Key: key, Value: value, Due: At(0)})
		if got := b.record(zabbix, key); string(got.Value) != string(value) || got.Key != key {
			b.Errorf("%q: %q", got.Key, got.Value)
		}
	}
	if got := b.claimRecords("one", 0, 100); len(got) != 6 {
		b.Errorf("%d are claimed", len(got))
	}
	b.putRecord("{a} %", records.Write{Key: "home", Value: value})
	b.same("of a home with braces", string(b.record("{a} %", "home").Value), string(value))
}

func recordsBounded(b *bench) {
	long := strings.Repeat("k", ticket.MaxRecordKey+1)
	for name, w := range map[string]records.Write{
		"no kind": {Key: "a"}, "no key": {Kind: silence}, "a zero byte": {Kind: silence, Key: "a\x00b"},
		"not UTF-8": {Kind: silence, Key: "\xff"}, "a long key": {Kind: silence, Key: long},
		"a long kind":  {Kind: long[:ticket.MaxRecordKind+1], Key: "a"},
		"a long value": {Kind: silence, Key: "a", Value: make([]byte, ticket.MaxRecordValue+1)},
	} {
		if _, err := b.s.Records().Write(b.ctx, records.House, w); err == nil {
			b.Errorf("%s is written", name)
		}
	}
	if _, err := b.s.Records().Write(b.ctx, "", records.Write{Kind: silence, Key: "a"}); err == nil {
		b.Error("without a home")
	}
	twice := records.Write{Kind: silence, Key: "a", Revision: records.Any}
	if _, err := b.s.Records().Write(b.ctx, records.House, twice, twice); err == nil {
		b.Error("one record twice")
	}
	b.putRecord(records.House, records.Write{Key: "a", Value: make([]byte, ticket.MaxRecordValue)})
}

func recordsClaimed(b *bench) {
	for i, home := range []string{prometheus, grafana, zabbix, records.House} {
		b.putRecord(home, records.Write{Key: "soon", Value: []byte("v"), Due: At(time.Duration(10-i) * time.Second)})
		b.putRecord(home, records.Write{Key: "late", Due: At(time.Hour)})
		b.putRecord(home, records.Write{Key: "never"})
	}
	if _, err := b.s.Records().Write(b.ctx, records.House, records.Write{Kind: "other", Key: "soon", Due: At(0)}); err != nil {
		b.Fatal(err)
	}
	b.same("before", keysOf(b.claimRecords("one", 6*time.Second, 9)), "")
	b.same("the first", keysOf(b.claimRecords("one", 8*time.Second, 1)), "house/soon")
	b.same("up to now", keysOf(b.claimRecords("one", 8*time.Second, 9)), "zabbix/soon")
	claimed := b.claimRecords("two", 20*time.Second, 9)
	b.same("the others", keysOf(claimed), "grafana/soon prometheus/soon")
	b.same("as it is stored", claimed[1], b.record(prometheus, "soon"))
	b.same("with its claim", claimed[1], records.Record{
		Home: prometheus, Kind: silence, Key: "soon", Value: []byte("v"), Revision: claimed[1].Revision,
		Due: At(10 * time.Second), Owner: "two", Until: At(80 * time.Second),
	})
}

func recordsRunOut(b *bench) {
	b.putRecord(prometheus, records.Write{Key: "a", Value: []byte("v"), Due: At(0)})
	first := b.claimRecords("one", 0, 9)
	b.same("while it is claimed", keysOf(b.claimRecords("two", 59*time.Second, 9)), "")
	second := b.claimRecords("two", time.Minute, 9)
	if len(first) != 1 || len(second) != 1 || second[0].Revision == first[0].Revision || string(second[0].Value) != "v" {
		b.Fatalf("first %+v, then %+v", first, second)
	}
	b.putRecord(prometheus, records.Write{Key: "a", Due: At(2 * time.Minute)})
	b.same("written, its claim is over", keysOf(b.claimRecords("three", 119*time.Second, 9)), "")
	b.same("and it is due when it says", keysOf(b.claimRecords("three", 120*time.Second, 9)), "prometheus/a")
	b.putRecord(prometheus, records.Write{Key: "a", Remove: true})
	b.same("removed", keysOf(b.claimRecords("three", time.Hour, 9)), "")
}

func recordsFenced(b *bench) {
	b.putRecord(prometheus, records.Write{Key: "a", Due: At(0)})
	first := b.claimRecords("one", 0, 1)[0]
	second := b.claimRecords("two", time.Minute, 1)[0]
	_, err := b.s.Records().Write(b.ctx, prometheus, records.Write{Kind: silence, Key: "a", Revision: first.Revision})
	b.is("by who lost it", err, records.ErrConflict)
	_, err = b.s.Records().Write(b.ctx, prometheus, records.Write{Kind: silence, Key: "a", Revision: second.Revision, Due: At(2 * time.Minute)})
	b.ok(err)
}

// atOnce runs n calls at the same time.
func atOnce(n int, run func(i int)) {
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { run(i) })
	}
	group.Wait()
}

func recordsAtOnce(b *bench) {
	revision := b.putRecord(prometheus, records.Write{Key: "a"})
	var won, lost atomic.Int64
	atOnce(8, func(i int) {
		_, err := b.s.Records().Write(b.ctx, prometheus, records.Write{
			Kind: silence, Key: "a", Revision: revision, Value: fmt.Append(nil, i),
		})
		if err == nil {
			won.Add(1)
		} else {
			b.is("the others", err, records.ErrConflict)
			lost.Add(1)
		}
	})
	if won.Load() != 1 || lost.Load() != 7 {
		b.Errorf("%d wrote, %d did not", won.Load(), lost.Load())
	}
}

func recordsClaimedAtOnce(b *bench) {
	const n = 24
	for i := range n {
		b.putRecord(sources()[i%3], records.Write{Key: fmt.Sprint(i), Due: At(0)})
	}
	var mu sync.Mutex
	times := map[string]int{}
	atOnce(4, func(i int) {
		for {
			claimed := b.claimRecords(fmt.Sprint(i), 0, 5)
			if len(claimed) == 0 {
				return
			}
			mu.Lock()
			for _, r := range claimed {
				times[r.Home+r.Key]++
			}
			mu.Unlock()
		}
	})
	for key, n := range times {
		if n != 1 {
			b.Errorf("%s was claimed %d times", key, n)
		}
	}
	if len(times) != n {
		b.Errorf("%d were claimed, want %d", len(times), n)
	}
}

func recordsWatched(b *bench) {
	ctx, cancel := context.WithCancel(b.ctx)
	defer cancel()
	hints := b.s.Records().Watch(ctx, silence)
	other := b.s.Records().Watch(ctx, "other")
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	again := time.NewTicker(50 * time.Millisecond) // a watch may begin a little later
	defer again.Stop()
	for {
		b.putRecord(prometheus, records.Write{Key: "a"})
		select {
		case <-hints:
			select {
			case <-other:
				b.Error("of another kind")
			default:
			}
			return
		case <-again.C:
		case <-deadline.C:
			b.Fatal("no hint came")
		}
	}
}

func recordsOfCommit(b *bench) {
	was := b.opened(prometheus, "a")
	note := func(revision int64, records ...records.Write) escalation.Change {
		t := was.Ticket
		t.Title = "changed"
		return escalation.Change{Ticket: t, Revision: revision, Records: records}
	}
	write := records.Write{Kind: silence, Key: "text", Value: []byte("SM1"), Due: At(time.Hour)}
	b.apply(note(was.Revision, write))
	b.same("as it was written", string(b.record(prometheus, "text").Value), "SM1")
	now := b.load(prometheus, was.Ticket.Number)
	b.refused("one that is there already", note(now.Revision, write))
	b.same("nothing else happened", b.load(prometheus, was.Ticket.Number), now)
	other := write
	other.Key = "other"
	b.refused("a ticket that has changed", note(was.Revision, other))
	_, err := b.s.Records().Get(b.ctx, prometheus, silence, "other")
	b.is("no record of it", err, records.ErrNotFound)
	errs := b.commit(prometheus, note(now.Revision, other), note(now.Revision+1, other))
	b.is("the first of two", errs[0], nil)
	b.is("the second, with the same", errs[1], escalation.ErrConflict)
	b.same("due", keysOf(b.claimRecords("one", time.Hour, 9)), "prometheus/other prometheus/text")
	_, err = b.s.Commit(b.ctx, prometheus, []escalation.Change{note(now.Revision+1, records.Write{Kind: silence})})
	if err == nil {
		b.Error("a record without a key is committed")
	}
}

func recordsExpired(b *bench) {
	for i := range 10 {
		for _, home := range []string{prometheus, records.House} {
			b.putRecord(home, records.Write{Key: fmt.Sprint(i), Due: At(time.Duration(i) * time.Minute)})
		}
	}
	expire := func(now time.Duration, most int) int {
		b.Helper()
		n, err := records.Expire(b.ctx, b.s.Records(), silence, "one", At(now), most)
		b.ok(err)
		return n
	}
	b.same("as many as it may", expire(4*time.Minute, 3), 3)
	b.same("the others that are due", expire(4*time.Minute, 100), 7)
	b.same("none", expire(4*time.Minute, 100), 0)
	list, err := b.s.Records().List(b.ctx, prometheus, silence, "", 100)
	b.ok(err)
	b.same("what is not due", strings.ReplaceAll(keysOf(list), prometheus+"/", ""), "5 6 7 8 9")
}
