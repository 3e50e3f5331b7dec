package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/astreinte/astreinte/internal/store/redisstore"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/paging"
)

// If a server refuses, the error says so in plain words, without a secret.
func TestRefused(t *testing.T) {
	secured := redistest.Single(t, "--requirepass", "r1ght", "--user", "ops", "on", ">r1ght", "~astreinte:*", "-@all", "+@connection")
	set, cluster := redistest.Sentinel(t), redistest.Cluster(t)
	for _, server := range append(set.Sentinels, cluster.Nodes...) {
		secure(t, server)
	}
	for name, tt := range map[string]struct{ url, want string }{
		"a wrong password":      {fmt.Sprintf("redis://:wr0ng@%s", secured.Addr()), "the server refuses the password"},
		"a wrong user":          {fmt.Sprintf("redis://nobody:wr0ng@%s", secured.Addr()), "the server refuses the password"},
		"no password":           {fmt.Sprintf("redis://%s", secured.Addr()), "the server wants a password, and was given none"},
		"a user who may not":    {fmt.Sprintf("redis://ops:r1ght@%s", secured.Addr()), "the server does not let its user do"},
		"no sentinels'":         {set.URL(), "the sentinel wants a password, and was given none"},
		"wrong for sentinels":   {set.URL() + "?sentinel_password=wr0ng", "the sentinel refuses the password"},
		"no Cluster's":          {cluster.URL(), "the server wants a password, and was given none"},
		"wrong for the Cluster": {strings.Replace(cluster.URL(), "://", "://:wr0ng@", 1), "the server refuses the password"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := redisstore.Open(t.Context(), tt.url, redisstore.Options{})
			if err == nil {
				closed(t, s)
				t.Fatal("it opened")
			}
			if !errors.Is(err, redisstore.ErrRefused) || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "wr0ng") {
				t.Errorf("it says: %v", err)
			}
		})
	}
}

// secure gives a server a password.
func secure(t *testing.T, server *redistest.Server) {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: server.Addr(), Protocol: 2, DisableIdentity: true, MaxRetries: -1})
	defer client.Close()
	if err := client.Do(t.Context(), "ACL", "SETUSER", "default", "resetpass", ">r1ght").Err(); err != nil {
		t.Fatal(err)
	}
}

// The password is changed while the daemon runs; /readyz shows what Check
// says. When the old one is back, everything goes on.
func TestRefusedLater(t *testing.T) {
	server := redistest.Single(t, "--requirepass", "r1ght")
	s := opened(t, server.URL())
	admin := redis.NewClient(&redis.Options{Addr: server.Addr(), Password: "r1ght", Protocol: 2, DisableIdentity: true, MaxRetries: -1})
	defer admin.Close()
	change := func(secret string) {
		t.Helper()
		_, err := admin.Pipelined(context.Background(), func(p redis.Pipeliner) error {
			p.ConfigSet(context.Background(), "requirepass", secret)
			p.ClientKillByFilter(context.Background(), "TYPE", "normal", "SKIPME", "yes")
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	change("another")
	_, _ = s.Clock(t.Context()) // it may meet a connection that was cut
	if _, err := s.Reserve(t.Context(), paging.Reservation{Phone: "+262692000001", Hash: "hash", Link: paging.Link{Ticket: "I261121_0001"}}); !errors.Is(err, redisstore.ErrRefused) {
		t.Errorf("a write that was refused: %v", err)
	}
	err := s.Check(t.Context())
	if !errors.Is(err, redisstore.ErrRefused) || !strings.Contains(err.Error(), "the server refuses the password") || strings.Contains(err.Error(), "r1ght") {
		t.Errorf("it says: %v", err)
	}
	change("r1ght")
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
