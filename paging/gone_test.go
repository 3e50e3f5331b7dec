package paging_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
)

// TestGoneBook: a device that is gone is told of until it is registered anew, hidden,
// or too long ago; and no person fills the store.
func TestGoneBook(t *testing.T) {
	book := paging.NewGoneBook(storetest.New().Records())
	ctx, now := t.Context(), time.Date(2026, time.November, 21, 2, 12, 0, 0, time.UTC)
	note := func(person, id, name string, at time.Time) {
		t.Helper()
		d := paging.Device{ID: id, Person: person, Platform: "web", Name: name, Push: &paging.Subscription{Endpoint: "https://push.example.net/secret"}}
		if err := book.Note(ctx, &d, at); err != nil {
			t.Fatal(err)
		}
	}
	missed := func(at time.Time, devices ...paging.Device) (ids string) {
		t.Helper()
		list, err := book.Missed(ctx, devices, at)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range list {
			ids += g.Person + "/" + g.ID + " "
		}
		return ids
	}
	note("alice", "web-1", "Pixel", now)
	note("bruno", "web-2", "Pixel", now.Add(time.Hour))
	if list, err := book.Missed(ctx, nil, now); err != nil || len(list) != 2 || list[1].Service != "push.example.net" || list[1].Name != "Pixel" || !list[1].At.Equal(now) {
		t.Errorf("%+v, %v", list, err)
	}
	again := paging.Device{ID: "web-9", Person: "alice", Platform: "web", Name: "Pixel", At: now.Add(time.Minute)}
	before, other, same := again, again, again
	before.At, other.Name, same.ID, same.At = now.Add(-time.Hour), "iPhone", "web-1", now.Add(-time.Hour)
	for what, c := range map[string]struct {
		at   time.Time
		has  paging.Device
		want string
	}{
		"nothing is registered":        {now, paging.Device{}, "bruno/web-2 alice/web-1 "},
		"it is registered again":       {now, again, "bruno/web-2 "},
		"one of its name was before":   {now, before, "bruno/web-2 alice/web-1 "},
		"another one is registered":    {now, other, "bruno/web-2 alice/web-1 "},
		"it could not be removed":      {now, same, "bruno/web-2 "},
		"thirty days have passed":      {now.Add(paging.ProvenFor + time.Minute), paging.Device{}, "bruno/web-2 "},
		"they have passed of both":     {now.Add(paging.ProvenFor + 2*time.Hour), paging.Device{}, ""},
		"as many have passed as count": {now.Add(paging.ProvenFor), paging.Device{}, "bruno/web-2 alice/web-1 "},
	} {
		if got := missed(c.at, c.has); got != c.want {
			t.Errorf("%s: %q, want %q", what, got, c.want)
		}
	}
	if err := book.Hide(ctx, "bruno", "web-1"); !errors.Is(err, escalation.ErrNotFound) {
		t.Errorf("another's: %v", err)
	}
	if err := book.Hide(ctx, "alice", "web-1"); err != nil || missed(now) != "bruno/web-2 " {
		t.Errorf("%v, %q", err, missed(now))
	}
	for i := range 3 * ticket.MaxDevices {
		note("carla", fmt.Sprintf("web-%03d", i), "", now.Add(time.Duration(i)*time.Second))
	}
	if list, err := book.Missed(ctx, nil, now); err != nil || len(list) != ticket.MaxDevices+1 || list[1].ID != "web-059" {
		t.Errorf("%d, %v", len(list), err)
	}
	note("dominique", "web-1", "", now.Add(3*paging.ProvenFor))
	if list, err := book.Missed(ctx, nil, now); err != nil || len(list) != 2 {
		t.Errorf("%d are kept: %v (%v)", len(list), missed(now), err)
	}
}
