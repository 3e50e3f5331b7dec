package redisstore_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/store/redisstore"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/paging"
)

// Layout 1.0 had devices in other hashes. Whoever opens such a store copies
// them into records, once, and leaves the hashes for who goes back.
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
	s := upgraded(t, server.URL(), time.Millisecond)
	devices, err := s.Devices(ctx, "")
	if err != nil || len(devices) != 2 || devices[0].ID != "d1" || devices[0].Person != "alice" || devices[1].Token != "t2" {
		t.Fatalf("%+v, %v", devices, err)
	}
	if n := client.HLen(ctx, old).Val(); n != 4 {
		t.Errorf("%d devices are left", n)
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
	devices, err = upgraded(t, server.URL(), time.Millisecond).Devices(ctx, "")
	if err != nil || len(devices) != 1 {
		t.Errorf("what was dropped is back: %+v, %v", devices, err)
	}
	settled(t, client)
}

// upgraded opens a store that is of an older layout, as often as it takes.
func upgraded(t *testing.T, url string, leave time.Duration) *redisstore.Store {
	t.Helper()
	var s *redisstore.Store
	waitFor(t, func(ctx context.Context) (err error) {
		s, err = redisstore.Open(ctx, url, redisstore.Options{}.As(2, 0, leave))
		return err
	})
	t.Cleanup(func() { closed(t, s) })
	return s
}

// settled checks that an upgrade is done.
func settled(t *testing.T, client redis.UniversalClient) {
	t.Helper()
	if layout := client.Get(t.Context(), redisstore.LayoutKey).Val(); layout != "2.0" {
		t.Errorf("layout %q", layout)
	}
	if note := client.Get(t.Context(), redisstore.UpgradeKey).Val(); note != "" {
		t.Errorf("the upgrade is not done: %q", note)
	}
}

// as opens a store as a program does that knows a layout.
func as(t *testing.T, url string, major, minor int) *redisstore.Store {
	t.Helper()
	s, err := redisstore.Open(t.Context(), url, redisstore.Options{}.As(major, minor, 0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, s) })
	return s
}

// TestUpgradeBesideOlder: while daemons of the version before run, the first of this one
// raises the layout and waits. From their next look on they refuse every call; nothing
// of this version is written before they have had their time; what they wrote is there.
func TestUpgradeBesideOlder(t *testing.T) {
	server := redistest.Single(t)
	old := as(t, server.URL(), 1, 2)
	of := raise(t, old, "prometheus")
	const leave = 2 * time.Second
	began, err := old.Clock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	options := redisstore.Options{}.As(2, 0, leave)
	var upgrading *redisstore.Upgrading
	if _, err := redisstore.Open(t.Context(), server.URL(), options); !errors.As(err, &upgrading) || upgrading.Left <= 0 || upgrading.Left > leave {
		t.Fatalf("it opens at once, or for another reason not: %v", err)
	}
	client := server.Client()
	note := client.Get(t.Context(), redisstore.UpgradeKey).Val()
	if err := client.Set(t.Context(), redisstore.UpgradeKey, "1.2 9000000000000000", 0).Err(); err != nil { // however slow this test is
		t.Fatal(err)
	}
	options.Later = true
	later, err := redisstore.Open(t.Context(), server.URL(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, later) })
	if err := later.Check(t.Context()); !errors.As(err, &upgrading) {
		t.Errorf("what asks later writes at once: %v", err)
	}
	numbers := func(s *redisstore.Store) error {
		_, err := s.Numbers(t.Context(), "prometheus", storetest.Prefix, 1)
		return err
	}
	if err := numbers(old); err != nil {
		t.Errorf("it has not looked yet: %v", err)
	}
	if _, err := old.Clock(t.Context()); !errors.Is(err, redisstore.ErrNewer) {
		t.Errorf("an older daemon looks and goes on: %v", err)
	}
	if err := numbers(old); !errors.Is(err, redisstore.ErrNewer) {
		t.Errorf("… and writes: %v", err)
	}
	if _, err := redisstore.Open(t.Context(), server.URL(), redisstore.Options{}.As(1, 2, 0)); !errors.Is(err, redisstore.ErrNewer) || !strings.Contains(err.Error(), "layout 2.0, this one knows 1.2: update it") {
		t.Errorf("another one starts: %v", err)
	}
	if err := client.Set(t.Context(), redisstore.UpgradeKey, note, 0).Err(); err != nil {
		t.Fatal(err)
	}
	s := upgraded(t, server.URL(), leave)
	now, err := s.Clock(t.Context())
	if err != nil || now.Sub(began) < leave {
		t.Errorf("it waited %s (%v)", now.Sub(began), err)
	}
	settled(t, s.Client())
	if err := errors.Join(later.Check(t.Context()), numbers(later)); err != nil {
		t.Errorf("what asks later never begins: %v", err)
	}
	view, err := s.View(t.Context(), of.Number)
	if err != nil || len(view.Pages) != 1 || len(view.Alerts) != 1 {
		t.Errorf("%+v, %v", view, err)
	}
	claims, _, err := s.Claim(t.Context(), paging.ClaimRequest{Owner: "two", Now: storetest.At(0), Until: storetest.At(time.Minute), Limit: 10})
	if err != nil || len(claims) != 1 {
		t.Errorf("the page that it ordered is not claimed: %+v, %v", claims, err)
	}
}

// TestAnUpgradeThatWasBegun is gone on with by whoever comes, once.
func TestAnUpgradeThatWasBegun(t *testing.T) {
	server := redistest.Single(t)
	client, ctx := server.Client(), t.Context()
	for key, value := range map[string]string{redisstore.LayoutKey: "2.0", redisstore.UpgradeKey: "1.0 1795230000000000"} {
		if err := client.Set(ctx, key, value, 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if err := client.HSet(ctx, "astreinte:devices:{devices}:json", "d1", `{"person":"alice","token":"t1","platform":"android"}`).Err(); err != nil {
		t.Fatal(err)
	}
	devices, err := as(t, server.URL(), 2, 0).Devices(ctx, "")
	if err != nil || len(devices) != 1 {
		t.Errorf("%+v, %v", devices, err)
	}
	settled(t, client)
}

// TestManyUpgradeAtOnce: the layout is raised once, and all of them open.
func TestManyUpgradeAtOnce(t *testing.T) {
	for name, url := range map[string]string{"single": redistest.Single(t).URL(), "cluster": redistest.Cluster(t).URL()} {
		t.Run(name, func(t *testing.T) {
			client := as(t, url, 1, 2).Client()
			all, ctx := errgroup.WithContext(t.Context())
			for range 8 {
				all.Go(func() error {
					for {
						s, err := redisstore.Open(ctx, url, redisstore.Options{}.As(2, 0, 100*time.Millisecond))
						var upgrading *redisstore.Upgrading
						if !errors.As(err, &upgrading) {
							if err == nil {
								err = s.Close()
							}
							return err
						}
					}
				})
			}
			if err := all.Wait(); err != nil {
				t.Error(err)
			}
			settled(t, client)
		})
	}
}

// TestTheLayoutOnlyRises: a failover may take the layout back; whoever runs raises it
// again, and never lowers a newer one.
func TestTheLayoutOnlyRises(t *testing.T) {
	server := redistest.Single(t)
	s, client, ctx := as(t, server.URL(), 2, 0), server.Client(), t.Context()
	for _, c := range []struct{ stored, want string }{{"1.2", "2.0"}, {"1", "2.0"}, {"2.3", "2.3"}, {"3.1", "3.1"}} {
		if err := client.Set(ctx, redisstore.LayoutKey, c.stored, 0).Err(); err != nil {
			t.Fatal(err)
		}
		if err := s.Check(ctx); (err == nil) != (c.stored[0] != '3') {
			t.Errorf("layout %s: %v", c.stored, err)
		}
		if layout := client.Get(ctx, redisstore.LayoutKey).Val(); layout != c.want {
			t.Errorf("layout %s became %s", c.stored, layout)
		}
	}
}
