package redisstore_test

import (
	"context"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/astreinte/astreinte/escalation/storetest"
	"github.com/astreinte/astreinte/internal/store/redisstore"
	"github.com/astreinte/astreinte/internal/store/redisstore/redistest"
	"github.com/astreinte/astreinte/internal/ticket"
)

func TestDamagedRecords(t *testing.T) {
	server := redistest.Single(t)
	storetest.RunDamaged(t, func(t *testing.T) storetest.Damageable {
		empty(t, server)
		s := open(t, server.URL())
		return storetest.Damageable{Store: s, Spoil: func(d storetest.Damage) { spoil(t, s, d) }}
	})
}

// The daemon that finds it is another one than the one that wrote it, on a
// Cluster.
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
	case ticket.RecordDevice:
		key, field = redisstore.DeviceKey()+"json", d.Key
	case ticket.RecordCode:
		phone, code, _ := strings.Cut(d.Key, " ")
		key, field = redisstore.PhoneKey(phone)+"json", code
	case ticket.RecordIndex:
	}
	shared := d.Kind == ticket.RecordDevice || d.Kind == ticket.RecordCode
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

// anotherType makes a key one that no record has.
func anotherType(ctx context.Context, client redis.UniversalClient, key, text string) error {
	if err := client.Del(ctx, key).Err(); err != nil {
		return err
	}
	return client.XAdd(ctx, &redis.XAddArgs{Stream: key, Values: []string{"text", text}}).Err()
}
