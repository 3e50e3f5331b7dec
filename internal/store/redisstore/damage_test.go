package redisstore_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/store/redisstore"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

func TestDamagedRecords(t *testing.T) {
	server := redistest.Single(t)
	storetest.RunDamaged(t, func(t *testing.T) storetest.Damageable {
		empty(t, server)
		s := open(t, server.URL())
		return storetest.Damageable{Store: s, Spoil: func(d storetest.Damage) { spoil(t, s, d) }}
	})
}

// On a Cluster, another daemon than the one that wrote a record finds that it
// is damaged.
func TestDamagedRecordsAreFoundByAnother(t *testing.T) {
	cluster := redistest.Cluster(t)
	storetest.RunDamaged(t, func(t *testing.T) storetest.Damageable {
		empty(t, cluster.Nodes...)
		s := open(t, cluster.URL())
		return storetest.Damageable{Store: s, Spoil: func(d storetest.Damage) { spoil(t, s, d) }, Reopen: func() storetest.Store {
			closed(t, s)
			return open(t, cluster.URL())
		}}
	})
}

func spoil(t *testing.T, s *redisstore.Store, d storetest.Damage) {
	t.Helper()
	ctx, client := t.Context(), s.Client()
	key, field := redisstore.SourceKey(d.Source), "json"
	switch d.Kind {
	case ticket.RecordTicket:
		key += "t:" + d.Ticket
	case ticket.RecordAlert:
		key += "a:" + d.Key
	case ticket.RecordPage:
		key += "p:" + d.Key
	case ticket.RecordEntry:
		key, field = key+"tl:"+d.Ticket, ""
	case ticket.RecordLink:
		key, field = redisstore.LinkKey(d.Key), ""
	case ticket.RecordOther:
		key, field = redisstore.SourceKey(d.Source)+"r:v:silence", d.Key
	case ticket.RecordCode:
		phone, code, _ := strings.Cut(d.Key, " ")
		key, field = redisstore.PhoneKey(phone)+"json", code
	case ticket.RecordIndex:
	}
	shared := d.Kind == ticket.RecordCode || d.Kind == ticket.RecordOther
	var err error
	switch {
	case d.Gone && shared:
		err = client.HDel(ctx, key, field).Err()
	case d.Gone:
		err = client.Del(ctx, key).Err()
	case d.Whole && !shared:
		err = anotherType(ctx, client, key, d.Text)
	case d.Kind == ticket.RecordEntry:
		err = client.LSet(ctx, key, 0, d.Text).Err()
	case d.Kind == ticket.RecordLink:
		err = client.Set(ctx, key, d.Text, 0).Err()
	default:
		err = client.HSet(ctx, key, field, d.Text).Err()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// anotherType gives a key a type that no record has.
func anotherType(ctx context.Context, client redis.UniversalClient, key, text string) error {
	if err := client.Del(ctx, key).Err(); err != nil {
		return err
	}
	return client.XAdd(ctx, &redis.XAddArgs{Stream: key, Values: []string{"text", text}}).Err()
}

// An index whose key has the wrong type is made anew, and stops nobody
// meanwhile.
func TestDamagedIndexes(t *testing.T) {
	server := redistest.Single(t)
	p := redisstore.SourceKey("prometheus")
	for _, key := range []string{
		p + "due", p + "ready:3", p + "later", p + "claims", p + "queued", p + "list", p + "list:open", p + "stats",
		p + "closing", p + "g:round-the-clock/I261121_0001", p + "ta:I261121_0001", p + "tp:I261121_0001", p + "s:" + storetest.SenderGroup,
		redisstore.SourcesKey, redisstore.NumbersKey(storetest.Prefix), redisstore.SequenceKey(storetest.Prefix),
		redisstore.PhoneKey("+262692000001") + "last", redisstore.PhoneKey("+262692000001") + "codes",
		redisstore.PhoneKey("+262692000001") + "tickets", redisstore.PhoneKey("+262692000001") + "released",
	} {
		t.Run(key, func(t *testing.T) {
			empty(t, server)
			s := opened(t, server.URL())
			openIndexed(t, s, "a")
			openIndexed(t, s, "b")
			if err := anotherType(t.Context(), s.Client(), key, "text"); err != nil {
				t.Fatal(err)
			}
			var pages, due []string
			for range 2 { // whichever meets it first sets it aside
				claims, _, err := s.Claim(t.Context(), paging.ClaimRequest{Owner: "one", Now: storetest.At(0), Until: storetest.At(time.Minute), Limit: 10})
				if err != nil {
					t.Error(err)
				}
				for _, c := range claims {
					pages = append(pages, c.Ticket.Number)
				}
				deadlines, _, err := s.Due(t.Context(), storetest.At(ticket.DefaultRepeat), 10)
				if err != nil {
					t.Error(err)
				}
				due = nil
				for _, d := range deadlines {
					due = append(due, d.Ticket)
				}
			}
			for what, got := range map[string][]string{"pages": pages, "deadlines": due} {
				if slices.Sort(got); !slices.Equal(got, []string{"I261121_0001", "I261121_0002"}) {
					t.Errorf("%s: %v", what, got)
				}
			}
			openIndexed(t, s, "c")
			if _, _, err := s.Due(t.Context(), storetest.At(0), 10); err != nil { // as each second
				t.Error(err)
			}
			tickets, _, err := s.Tickets(t.Context(), ticket.Query{Scope: ticket.Everything(), Limit: 10, States: []ticket.State{ticket.Open}})
			if err != nil || len(tickets) != 3 {
				t.Errorf("listed %d: %v", len(tickets), err)
			}
			if _, err := s.Stats(t.Context()); err != nil {
				t.Error(err)
			}
			if _, err := s.View(t.Context(), "I261121_0001"); err != nil {
				t.Error(err)
			}
		})
	}
}

// openIndexed opens a ticket with an alert, a page and a code.
func openIndexed(t *testing.T, s *redisstore.Store, fingerprint string) {
	t.Helper()
	given, err := s.Numbers(t.Context(), "prometheus", storetest.Prefix, 1)
	if err != nil {
		t.Fatal(err)
	}
	number := given[0]
	a := storetest.Alert("prometheus", fingerprint)
	if item, err := s.Observe(t.Context(), "prometheus", []escalation.Observation{storetest.Observation(a, storetest.At(0))}); err != nil || item.Items[0].Verdict != escalation.New {
		t.Fatal(item, err)
	}
	tk := storetest.Ticket("prometheus", number)
	c := storetest.Opening(&tk, a)
	c.Pages = []ticket.Page{storetest.Page(&tk, "alice")}
	if errs, err := s.Commit(t.Context(), "prometheus", []escalation.Change{c}); err != nil || errs[0] != nil {
		t.Fatal(number, errs, err)
	}
	if _, err := s.Reserve(t.Context(), paging.Reservation{Phone: "+262692000001", Hash: "hash-" + number, Link: paging.Link{Person: "alice", Source: "prometheus", Ticket: number, At: storetest.At(0)}}); err != nil {
		t.Fatal(err)
	}
}

// A daemon that starts while the set of all sources is damaged pages all the
// same: it finds the sources by their tickets.
func TestSourcesAreFoundAgain(t *testing.T) {
	server := redistest.Single(t)
	s := opened(t, server.URL())
	sources := []string{"a {source} of 100 %", "grafana", "prometheus"}
	ticketsOf(t, s, 2, sources...)
	if err := anotherType(t.Context(), s.Client(), redisstore.SourcesKey, "text"); err != nil {
		t.Fatal(err)
	}
	other := opened(t, server.URL())
	if _, _, err := other.Due(t.Context(), storetest.At(time.Hour), 10); err != nil { // meets it
		t.Fatal(err)
	}
	for _, daemon := range []*redisstore.Store{other, opened(t, server.URL())} {
		due, _, err := daemon.Due(t.Context(), storetest.At(time.Hour), 10)
		var found []string
		for _, d := range due {
			found = append(found, d.Source)
		}
		slices.Sort(found)
		if found = slices.Compact(found); err != nil || !slices.Equal(found, sources) {
			t.Errorf("due of %q: %v", found, err)
		}
	}
}
