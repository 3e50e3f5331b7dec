package back

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/upstream"
)

// hurry has a keeper do what its daemon does every few seconds.
func (d *desk) hurry(k *keeper) {
	d.t.Helper()
	d.now = d.now.Add(5 * time.Second)
	if err := k.Hurry(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
	d.turn(k)
}

// TestAnAlertThatBeginsAfterASilence: one with more labels is held back by the silence of
// another one until the next turn, not until the look that is minutes away.
func TestAnAlertThatBeginsAfterASilence(t *testing.T) {
	tool, d := silencing(t)
	k := d.keeper(ticket.Acknowledged)
	d.hurry(k)
	if tool.Made() != 1 {
		t.Fatalf("%d silences were made", tool.Made())
	}
	tool.Fires("f2", "alertname", "Down", "instance", "a", "device", "sda")
	if got := tool.Silenced(); !slices.Equal(got, []string{"f1", "f2"}) {
		t.Fatalf("%v are silenced: the test shows nothing", got)
	}
	d.hurry(k)
	if got := tool.Silenced(); !slices.Equal(got, []string{"f1"}) || tool.Made() != 2 {
		t.Errorf("%v are silenced, %d were made", got, tool.Made())
	}
	for range 3 * 12 {
		d.hurry(k)
	}
	if got := tool.Silenced(); !slices.Equal(got, []string{"f1"}) || tool.Made() != 2 {
		t.Errorf("later %v are silenced, %d were made", got, tool.Made())
	}
}

// TestASilenceThatNobodyWroteDown holds nothing back after a look. A try whose end nobody
// heard is found again, whatever began meanwhile.
func TestASilenceThatNobodyWroteDown(t *testing.T) {
	tool, d := silencing(t)
	k := d.keeper(ticket.Acknowledged)
	api := d.r.o.Tool.(Alertmanager).API
	orphan := upstream.Silence{Matchers: exactly(map[string]string{"alertname": "Down"}), StartsAt: d.now, EndsAt: d.now.Add(silenceFor), CreatedBy: "x", Comment: testMark.On(number)}
	if _, err := api.Silence(t.Context(), orphan); err != nil {
		t.Fatal(err)
	}
	d.now = d.now.Add(lookEvery)
	d.turn(k)
	if list := tool.Silences(); len(list) != 1 || len(list[0].Matchers) != 2 {
		t.Errorf("%+v", list)
	}
	item, err := d.r.book.get(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.r.book.put(t.Context(), &item, nil); err != nil { // as before it was written down
		t.Fatal(err)
	}
	tool.Fires("f2", "alertname", "Down", "instance", "a", "device", "sda")
	d.takes(ticket.Acknowledged, true)
	for range 2 {
		d.hurry(k)
	}
	if got := tool.Silenced(); !slices.Equal(got, []string{"f1"}) || len(tool.Silences()) != 1 {
		t.Errorf("%v are silenced by %+v", got, tool.Silences())
	}
}

// TestASilenceMadeAnewByWhoeverDied stays: what is written down names the one before.
func TestASilenceMadeAnewByWhoeverDied(t *testing.T) {
	tool, d := silencing(t)
	k := d.keeper(ticket.Acknowledged)
	d.takes(ticket.Acknowledged, true)
	api := d.r.o.Tool.(Alertmanager).API
	old := tool.Silences()[0]
	anew := upstream.Silence{Matchers: append(slices.Clone(old.Matchers), upstream.Matcher{Name: "device", IsEqual: true}), StartsAt: d.now, EndsAt: d.now.Add(silenceFor), CreatedBy: "x", Comment: testMark.On(number)}
	id, err := api.Silence(t.Context(), anew)
	if err != nil {
		t.Fatal(err)
	}
	if err := api.EndSilence(t.Context(), old.ID); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		d.now = d.now.Add(lookEvery)
		d.turn(k)
		if list := tool.Silences(); len(list) != 1 || list[0].ID != id {
			t.Fatalf("%+v", list)
		}
	}
	d.takes(ticket.StateResolved, true)
	if list := tool.Silences(); len(list) > 0 {
		t.Errorf("it is over: %+v", list)
	}
}

// stuck is a tool that answers nothing.
type stuck struct {
	mu    sync.Mutex
	asked int
}

func (s *stuck) wait(ctx context.Context) error {
	s.mu.Lock()
	s.asked++
	s.mu.Unlock()
	<-ctx.Done()
	return ctx.Err()
}

func (s *stuck) Take(ctx context.Context, _ *Act, _ []ticket.AlertRecord, held []Held) ([]Held, error) {
	return held, s.wait(ctx)
}

func (s *stuck) Leave(ctx context.Context, _ *Act, _ []ticket.AlertRecord, held []Held) ([]Held, error) {
	return held, s.wait(ctx)
}

func (s *stuck) Look(ctx context.Context, _ *Act, _ []ticket.AlertRecord, held []Held) ([]Held, []string, error) {
	return held, nil, s.wait(ctx)
}

func (s *stuck) Strays(ctx context.Context, _ []Held) ([]string, error) { return nil, s.wait(ctx) }

// TestLooksAtToolsThatAnswerNothing are over before the claim is: another daemon would look
// at the same at once. They hold up a turn for as long as one of them does.
func TestLooksAtToolsThatAnswerNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, tool := storetest.New(), &stuck{}
		receivers := map[string]*Receiver{}
		for i := range atOnce {
			source := fmt.Sprintf("prometheus-%d", i)
			r := New(Options{
				Source: source, Kind: KindAlertmanager, Tool: tool, Records: store.Records(), Now: time.Now, Gone: func(error) bool { return false },
				Firing: func(context.Context, string, int) ([]ticket.AlertRecord, error) { return nil, nil },
			})
			receivers[r.book.to] = r
			item, err := r.book.get(t.Context(), number)
			if err != nil {
				t.Fatal(err)
			}
			if err := r.book.put(t.Context(), &item, []Held{{Alert: "f1", ID: "id", Name: "Down"}}); err != nil {
				t.Fatal(err)
			}
		}
		k := &Keeper{
			Records: store.Records(), Tickets: ticketsIn(ticket.Acknowledged), Owner: "one", Now: time.Now,
			Receivers: func() map[string]*Receiver { return receivers },
		}
		began := time.Now()
		for range 3 {
			if err := k.Hurry(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(began); took > strayLimit || tool.asked != atOnce {
			t.Errorf("it took %s, %d were asked", took, tool.asked)
		}
		time.Sleep(lookEvery)
		began = time.Now()
		n, err := k.Turn(t.Context())
		if took := time.Since(began); n != atOnce || err != nil || took >= claimedFor/2 {
			t.Errorf("%d looks took %s: %v", n, took, err)
		}
		for _, r := range receivers {
			if why := r.Trouble().Why; !strings.Contains(why, "deadline") {
				t.Errorf("trouble: %q", why)
			}
		}
	})
}
