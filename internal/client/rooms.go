package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// Room is a room of chat.
type Room struct {
	Name     string    `json:"name"`
	Product  string    `json:"product"`
	SentAt   time.Time `json:"sent_at"`
	FailedAt time.Time `json:"failed_at"`
	Error    string    `json:"error"`
}

// RoomTest is what became of a test message.
type RoomTest struct {
	Room  string `json:"room"`
	State string `json:"state"` // posted or failed
	ID    string `json:"id"`
	Error string `json:"error"`
}

// Rooms lists the rooms of chat, and returns the whole answer too.
func (c *Client) Rooms(ctx context.Context) ([]Room, json.RawMessage, error) {
	data, err := c.do(ctx, http.MethodGet, "/api/v1/rooms", nil, nil)
	if err != nil {
		return nil, nil, err
	}
	var list struct {
		Rooms []Room `json:"rooms"`
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, nil, fmt.Errorf("client: the answer is no list of rooms: %w", err)
	}
	return list.Rooms, data, nil
}

// TestRoom posts a test message in a room.
func (c *Client) TestRoom(ctx context.Context, name string) (t RoomTest, raw json.RawMessage, err error) {
	data, err := c.do(ctx, http.MethodPost, "/api/v1/rooms/"+url.PathEscape(name)+"/test", nil, struct{}{})
	if err != nil {
		return t, nil, err
	}
	if err := json.Unmarshal(data, &t); err != nil {
		return t, nil, fmt.Errorf("client: the answer is no test of a room: %w", err)
	}
	return t, data, nil
}
