package storetest

import (
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/paging"
)

func deviceCases() []testCase {
	return []testCase{
		{"filed and listed, oldest first", devicesListed},
		{"a known token keeps its id and moves", devicesMove},
		{"dropped", devicesDropped},
		{"an id that is given", devicesOwnID},
		{"one token at once", devicesAtOnce},
	}
}

func device(person, token string, minute int) paging.Device {
	return paging.Device{
		Person: person, Token: token, Platform: "android", At: At(time.Duration(minute) * time.Minute),
	}
}

func (b *bench) putDevice(d paging.Device) paging.Device {
	b.Helper()
	put, err := b.s.PutDevice(b.ctx, d)
	b.ok(err)
	return put
}

func (b *bench) devices(person string) []paging.Device {
	b.Helper()
	devices, err := b.s.Devices(b.ctx, person)
	b.ok(err)
	return devices
}

func devicesListed(b *bench) {
	b.same("none", len(b.devices("alice"))+len(b.devices("")), 0)
	late := b.putDevice(device("alice", "t1", 9))
	early := b.putDevice(device("alice", "t2", 1))
	bobs := b.putDevice(device("bob", "t3", 5))
	if early.ID == "" || early.ID == late.ID {
		b.Errorf("ids %q and %q", early.ID, late.ID)
	}
	want := device("alice", "t2", 1)
	want.ID = early.ID
	b.same("as it was put", early, want)
	b.same("alice's", b.devices("alice"), []paging.Device{early, late})
	b.same("bob's", b.devices("bob"), []paging.Device{bobs})
	b.same("everybody's", b.devices(""), []paging.Device{early, bobs, late})
	b.same("nobody's", len(b.devices("carol")), 0)
}

func devicesMove(b *bench) {
	was := b.putDevice(device("alice", "t1", 1))
	b.putDevice(device("alice", "t2", 2))
	moved := b.putDevice(device("bob", "t1", 3))
	b.same("id", moved.ID, was.ID)
	b.same("bob's", b.devices("bob"), []paging.Device{moved})
	b.same("alice's", len(b.devices("alice")), 1)
	b.same("everybody's", len(b.devices("")), 2)
	again := b.putDevice(device("bob", "t1", 4))
	b.same("id, filed again", again.ID, was.ID)
	b.same("how many, filed again", len(b.devices("bob")), 1)
}

func devicesDropped(b *bench) {
	alices, bobs := b.putDevice(device("alice", "t1", 1)), b.putDevice(device("bob", "t2", 2))
	b.is("bob's, by alice", b.s.DropDevice(b.ctx, "alice", bobs.ID), escalation.ErrNotFound)
	b.is("no such device", b.s.DropDevice(b.ctx, "alice", "nothing"), escalation.ErrNotFound)
	b.same("everybody's", len(b.devices("")), 2)
	b.ok(b.s.DropDevice(b.ctx, "alice", alices.ID))
	b.same("everybody's, one dropped", b.devices(""), []paging.Device{bobs})
	b.same("alice's", len(b.devices("alice")), 0)
	b.is("dropped twice", b.s.DropDevice(b.ctx, "alice", alices.ID), escalation.ErrNotFound)
	back := b.putDevice(device("carol", "t1", 3))
	b.same("filed again", b.devices("carol"), []paging.Device{back})
	b.is("by who had it", b.s.DropDevice(b.ctx, "alice", back.ID), escalation.ErrNotFound)
}

func devicesOwnID(b *bench) {
	d := device("alice", "t1", 1)
	d.ID = "my-phone"
	b.same("as it was put", b.putDevice(d), d)
	b.ok(b.s.DropDevice(b.ctx, "alice", "my-phone"))
}

func devicesAtOnce(b *bench) {
	b.together(8, func(int) error {
		_, err := b.s.PutDevice(b.ctx, device("alice", "t1", 1))
		return err
	})
	b.same("how many", len(b.devices("alice")), 1)
}
