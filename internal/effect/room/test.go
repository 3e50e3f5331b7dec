package room

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/chat"
)

// testsWithin is the time of ticket.MaxRoomTests.
const testsWithin = 10 * time.Minute

// Why no test message is sent. Any other error is the product's.
var (
	ErrNoRoom  = errors.New("no such room is configured")
	ErrTooMany = fmt.Errorf("a room has %d test messages within 10 minutes at most", ticket.MaxRoomTests)
)

// counted counts test messages, in this daemon.
type counted struct {
	mu sync.Mutex
	of map[string][]time.Time
}

func (c *counted) one(room string, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	recent := slices.DeleteFunc(c.of[room], func(at time.Time) bool { return now.Sub(at) >= testsWithin })
	if len(recent) >= ticket.MaxRoomTests {
		c.of[room] = recent
		return false
	}
	c.of[room] = append(recent, now)
	return true
}

// Test posts a test message in a room, and says what the product calls it. by is who
// asks for it. The error is ErrNoRoom, ErrTooMany, or says what the product answered.
func (r *Rooms) Test(ctx context.Context, name, by string) (id string, err error) {
	room := r.room(name)
	if room == nil {
		return "", ErrNoRoom
	}
	now := r.o.Now()
	if !r.tests.one(name, now) {
		return "", ErrTooMany
	}
	words := &lang.In(room.Language).Rooms
	card := &chat.Card{Over: true, Head: words.TestHead, Lines: []string{lang.Fill(words.TestText, "by", by)}}
	id, err = room.Room.Post(ctx, card, fmt.Sprintf("test:%s:%d", name, now.UnixNano()))
	if err := room.called(err); err != nil {
		return "", fmt.Errorf("room: test %s: %w", name, err)
	}
	return id, nil
}
