package storetest

import (
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/paging"
)

// subscriptionCases are of devices that have a browser's subscription in place of a
// token.
func subscriptionCases() []testCase {
	return []testCase{
		{"a subscription beside a token", subscriptionsListed},
		{"a subscription moves, and is dropped", subscriptionsMove},
		{"what a device has shown", devicesShown},
		{"shown by many at once", devicesShownAtOnce},
	}
}

func subscribed(person, endpoint string, minute int) paging.Device {
	return paging.Device{
		Person: person, Platform: "web", Name: "Téléphone", At: At(time.Duration(minute) * time.Minute),
		Push: &paging.Subscription{Endpoint: endpoint, P256dh: "key", Auth: "secret"},
	}
}

func subscriptionsListed(b *bench) {
	token := b.putDevice(device("alice", "t1", 2))
	web := b.putDevice(subscribed("alice", "https://push.example.net/1", 1))
	want := subscribed("alice", "https://push.example.net/1", 1)
	want.ID = web.ID
	b.same("as it was put", web, want)
	b.same("alice's", b.devices("alice"), []paging.Device{web, token})
	again := b.putDevice(subscribed("alice", "https://push.example.net/1", 3))
	b.same("id, filed again", again.ID, web.ID)
	kept := again
	kept.ID, kept.Person = "another", "bob"
	kept.Push = &paging.Subscription{Endpoint: "https://push.example.net/2", P256dh: "key", Auth: "secret"}
	if put := b.putDevice(kept); put.ID == "another" {
		b.Errorf("a subscription is filed under an id of a token's")
	}
	b.same("how many", len(b.devices("")), 3)
}

func subscriptionsMove(b *bench) {
	was := b.putDevice(subscribed("alice", "https://push.example.net/1", 1))
	b.ok(b.s.DeviceShown(b.ctx, "alice", was.ID, At(time.Hour)))
	moved := b.putDevice(subscribed("bob", "https://push.example.net/1", 2))
	b.same("id", moved.ID, was.ID)
	b.same("what it showed to another", moved.ShownAt.IsZero(), true)
	b.same("alice's", len(b.devices("alice")), 0)
	b.is("dropped by who had it", b.s.DropDevice(b.ctx, "alice", moved.ID), escalation.ErrNotFound)
	b.ok(b.s.DropDevice(b.ctx, "bob", moved.ID))
	b.same("everybody's", len(b.devices("")), 0)
	back := b.putDevice(subscribed("alice", "https://push.example.net/1", 3))
	b.same("filed again", b.devices("alice"), []paging.Device{back})
}

func devicesShown(b *bench) {
	d := b.putDevice(subscribed("alice", "https://push.example.net/1", 1))
	shown := func(what string, want time.Time) {
		b.Helper()
		b.same(what, b.devices("alice")[0].ShownAt.UTC(), want.UTC())
	}
	b.ok(b.s.DeviceShown(b.ctx, "alice", d.ID, At(time.Hour)))
	shown("once", At(time.Hour))
	b.ok(b.s.DeviceShown(b.ctx, "alice", d.ID, At(time.Hour+time.Second)))
	shown("twice within a minute", At(time.Hour))
	b.ok(b.s.DeviceShown(b.ctx, "alice", d.ID, At(time.Minute)))
	shown("an earlier one", At(time.Hour))
	b.ok(b.s.DeviceShown(b.ctx, "alice", d.ID, At(2*time.Hour)))
	shown("later", At(2*time.Hour))
	b.putDevice(subscribed("alice", "https://push.example.net/1", 5))
	shown("filed again", At(2*time.Hour))
	b.is("of nobody's", b.s.DeviceShown(b.ctx, "bob", d.ID, At(3*time.Hour)), escalation.ErrNotFound)
	b.is("no such device", b.s.DeviceShown(b.ctx, "alice", "web-nothing", At(3*time.Hour)), escalation.ErrNotFound)
	b.is("no device at all", b.s.DeviceShown(b.ctx, "alice", "nothing", At(3*time.Hour)), escalation.ErrNotFound)
}

func devicesShownAtOnce(b *bench) {
	d := b.putDevice(subscribed("alice", "https://push.example.net/1", 1))
	b.together(8, func(i int) error {
		return b.s.DeviceShown(b.ctx, "alice", d.ID, At(time.Hour+time.Duration(i)*time.Second))
	})
	if at := b.devices("alice")[0].ShownAt; at.Before(At(time.Hour)) {
		b.Errorf("shown at %s", at)
	}
}
