package events

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func subscribe(t *testing.T, h *Hub, after string) *Reader {
	t.Helper()
	r, err := h.Subscribe("alice", after)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// names are the events of a part, in order.
func names(part []byte) (all []string) {
	for line := range strings.Lines(string(part)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "event: "); ok {
			all = append(all, name)
		}
	}
	return all
}

func (r *Reader) all() (all []byte) {
	for part := r.Take(nil); len(part) > 0; part = r.Take(nil) {
		all = append(all, part...)
	}
	return all
}

// TestAReaderHearsWhatHappensFromNowOn has each event once, in order.
func TestAReaderHearsWhatHappensFromNowOn(t *testing.T) {
	h := NewHub()
	h.Publish(Health, []byte("{}"))
	r := subscribe(t, h, "")
	if part := r.Take(nil); len(part) > 0 {
		t.Errorf("of before: %s", part)
	}
	h.Publish(Ticket, []byte(`{"number":"I1"}`))
	h.Publish(OnCall, []byte("{}"))
	select {
	case <-r.Wake():
	default:
		t.Error("the reader was not woken")
	}
	want := fmt.Sprintf("id: %s\nevent: ticket\ndata: {\"number\":\"I1\"}\n\nid: %s\nevent: oncall\ndata: {}\n\n", h.id(2), h.id(3))
	if got := string(r.all()); got != want {
		t.Errorf("%s", got)
	}
	if part := r.Take(nil); len(part) > 0 {
		t.Errorf("once more: %s", part)
	}
}

// TestWhoComesBack is told what he missed, or to read everything anew if nobody
// knows what that was.
func TestWhoComesBack(t *testing.T) {
	h := NewHub()
	for range 10 {
		h.Publish(Ticket, []byte("{}"))
	}
	for _, c := range []struct {
		after string
		want  []string
	}{
		{h.id(8), []string{Ticket, Ticket}},
		{h.id(10), nil},
		{h.id(11), []string{Resync}},
		{"another-8", []string{Resync}},
		{"8", []string{Resync}},
		{h.epoch + "-", []string{Resync}},
	} {
		if got := names(subscribe(t, h, c.after).all()); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("after %s: %v", c.after, got)
		}
	}
	if NewHub().epoch == h.epoch {
		t.Error("two hubs have the same ids")
	}
	for range Kept {
		h.Publish(Health, []byte("{}"))
	}
	if got := names(subscribe(t, h, h.id(9)).all()); len(got) != 1 || got[0] != Resync {
		t.Errorf("what is longer ago than is kept: %d events", len(got))
	}
	if got := names(subscribe(t, h, h.id(10)).all()); len(got) != Kept {
		t.Errorf("%d of the last %d events", len(got), Kept)
	}
}

// TestASlowReaderKeepsNobodyWaiting publishes more than is kept to a reader who
// takes nothing: it is told to read anew, and then hears on.
func TestASlowReaderKeepsNobodyWaiting(t *testing.T) {
	h := NewHub()
	slow := subscribe(t, h, "")
	for range 10 * Kept {
		h.Publish(Ticket, []byte("{}"))
	}
	if got := names(slow.all()); len(got) != 1 || got[0] != Resync {
		t.Errorf("%d events, %v", len(got), got)
	}
	h.Publish(Health, []byte("{}"))
	if got := names(slow.all()); len(got) != 1 || got[0] != Health {
		t.Errorf("%v", got)
	}
}

// TestAPartIsNoLongerThanItsRoom takes what fits, and goes on there.
func TestAPartIsNoLongerThanItsRoom(t *testing.T) {
	h := NewHub()
	r := subscribe(t, h, "")
	for range 100 {
		h.Publish(Ticket, []byte(`{"number":"I261121_0001"}`))
	}
	room, taken := make([]byte, 0, 512), 0
	for part := r.Take(room); len(part) > 0; part = r.Take(part[:0]) {
		if len(part) > 512 {
			t.Fatalf("%d bytes", len(part))
		}
		taken += len(names(part))
	}
	if taken != 100 {
		t.Errorf("%d of 100 events", taken)
	}
}

// TestThereAreSoManyReaders bounds them all, and those of one caller.
func TestThereAreSoManyReaders(t *testing.T) {
	h := NewHub()
	h.SetMost(4)
	first := subscribe(t, h, "")
	subscribe(t, h, "")
	if _, err := h.Subscribe("alice", ""); !errors.Is(err, ErrShare) {
		t.Errorf("one caller's third of four: %v", err)
	}
	for range 2 {
		if _, err := h.Subscribe("bruno", ""); err != nil {
			t.Error(err)
		}
	}
	if _, err := h.Subscribe("carla", ""); !errors.Is(err, ErrFull) {
		t.Errorf("a fifth: %v", err)
	}
	first.Close()
	first.Close()
	if _, err := h.Subscribe("carla", ""); err != nil {
		t.Errorf("in the place of who has gone: %v", err)
	}
	if h.Readers() != 4 {
		t.Errorf("%d readers", h.Readers())
	}
	h.Close()
	h.Close()
	select {
	case <-h.Done():
	default:
		t.Error("readers are not told to end")
	}
	if _, err := h.Subscribe("dominique", ""); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}
