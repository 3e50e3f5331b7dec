package redisstore

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/redis/go-redis/v9"
)

// toldKey is the channel by which daemons tell each other what changed.
const toldKey = root + "events"

const (
	hearPing  = 5 * time.Second // without a message for so long, the server is asked whether it is there
	hearAgain = time.Second     // after a subscription broke
)

// Tell sends a message to all daemons that hear. The message may be lost.
func (s *Store) Tell(ctx context.Context, said []byte) error {
	if err := s.client.Publish(ctx, toldKey, said).Err(); err != nil {
		return failed(err, "tell other daemons")
	}
	return nil
}

// Hear passes on what daemons tell, this daemon too, until ctx ends. When it
// hears again after a break, it calls broke.
func (s *Store) Hear(ctx context.Context, heard func(said []byte), broke func()) {
	for first := true; ctx.Err() == nil; first = false {
		s.hear(ctx, heard, func() {
			if !first {
				broke()
			}
		})
		pause(ctx, hearAgain)
	}
}

// hear hears by one subscription until the subscription breaks.
func (s *Store) hear(ctx context.Context, heard func(said []byte), begun func()) {
	sub := s.client.Subscribe(ctx, toldKey)
	defer func() { _ = sub.Close() }()
	ends := context.AfterFunc(ctx, func() { _ = sub.Close() }) // the reading does not look at ctx
	defer ends()
	asked := false
	for {
		said, err := sub.ReceiveTimeout(ctx, hearPing)
		var late net.Error
		switch {
		case errors.As(err, &late) && late.Timeout() && ctx.Err() == nil && !asked:
			if asked = true; sub.Ping(ctx) != nil {
				return
			}
			continue
		case err != nil:
			return
		}
		asked = false
		switch m := said.(type) {
		case *redis.Subscription:
			begun()
		case *redis.Message:
			heard([]byte(m.Payload))
		}
	}
}
