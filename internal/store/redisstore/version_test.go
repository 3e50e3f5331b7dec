package redisstore_test

import (
	"testing"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/store/redisstore"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/paging"
)

// Layout 1.0 had devices in other hashes. Whoever opens such a store copies
// them into records, once, and leaves the hashes for older daemons.
func TestDevicesOfBefore(t *testing.T) {
	server, ctx := redistest.Single(t), t.Context()
	client, old := opened(t, server.URL()).Client(), "astreinte:devices:{devices}:json"
	for key, values := range map[string][]any{
		redisstore.LayoutKey: {"1.0"},
		old: {
			"d1", `{"id":"d1","person":"alice","token":"t1","platform":"android","at":"2026-11-20T03:00:00Z"}`,
			"d2", `{"id":"d2","person":"bob","token":"t2","platform":"ios","at":"2026-11-21T03:00:00Z"}`, "d3", "{}", "d4", "null",
		},
	} {
		err := client.Set(ctx, key, values[0], 0).Err()
		if len(values) > 1 {
			err = client.Del(ctx, key).Err()
			if err == nil {
				err = client.HSet(ctx, key, values...).Err()
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	s := opened(t, server.URL())
	devices, err := s.Devices(ctx, "")
	if err != nil || len(devices) != 2 || devices[0].ID != "d1" || devices[0].Person != "alice" || devices[1].Token != "t2" {
		t.Fatalf("%+v, %v", devices, err)
	}
	if n := client.HLen(ctx, old).Val(); n != 4 {
		t.Errorf("%d devices are left to older daemons", n)
	}
	moved, err := s.PutDevice(ctx, paging.Device{Person: "bob", Token: "t1", Platform: "android", At: storetest.At(0)})
	if err != nil || moved.ID != "d1" {
		t.Errorf("its token is not known: %+v, %v", moved, err)
	}
	if err := s.DropDevice(ctx, "bob", "d1"); err != nil {
		t.Fatal(err)
	}
	if err := client.Set(ctx, redisstore.LayoutKey, "1.1", 0).Err(); err != nil { // version 1.1 had copied them
		t.Fatal(err)
	}
	devices, err = opened(t, server.URL()).Devices(ctx, "")
	if err != nil || len(devices) != 1 {
		t.Errorf("what was dropped is back: %+v, %v", devices, err)
	}
	if layout := client.Get(ctx, redisstore.LayoutKey).Val(); layout != "1.2" {
		t.Errorf("layout %q", layout)
	}
}
