package chat

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"net/http"

	"go.uber.org/zap"
)

// mattermostDoor takes presses from a Mattermost.
type mattermostDoor struct {
	Door
	room *MattermostRoom
}

// NewMattermostDoor makes the door of a room. A press whose context is none of the
// room's own gets 403. One that cannot be acted on now gets 503, which Mattermost shows
// to whoever pressed.
func NewMattermostDoor(room *MattermostRoom, d Door) http.Handler {
	if d.Log == nil {
		d.Log = zap.NewNop()
	}
	return &mattermostDoor{Door: d, room: room}
}

// ServeHTTP answers one request.
func (d *mattermostDoor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, ok := d.read(w, r)
	if !ok {
		return
	}
	var p struct {
		UserID    string            `json:"user_id"`
		ChannelID string            `json:"channel_id"`
		Context   mattermostContext `json:"context"`
	}
	if err := json.Unmarshal(body, &p); err != nil || p.UserID == "" || tooLong(p.UserID, p.Context.Action, p.Context.Value) {
		d.refuse(w, EventMalformed, http.StatusBadRequest)
		return
	}
	c := &d.room.c
	own := hmac.Equal([]byte(p.Context.Mark), []byte(d.room.markOf(p.Context.Action, p.Context.Value)))
	if !own || p.Context.Room != c.Name || p.ChannelID != c.Channel {
		d.refuse(w, EventForged, http.StatusForbidden)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), pressLimit)
	defer cancel()
	text, err := d.Listener.Press(ctx, Press{Room: c.Name, Product: Mattermost, User: p.UserID, Action: p.Context.Action, Value: p.Context.Value})
	if err != nil {
		d.Log.Warn("a press in a room of Mattermost could not be acted on: its person sees a warning", zap.String("room", c.Name), zap.Error(err))
		d.refuse(w, EventFailed, http.StatusServiceUnavailable)
		return
	}
	d.observe(EventPress)
	said := map[string]any{}
	if text != "" {
		said["ephemeral_text"], said["skip_slack_parsing"] = escapeMarkdown(text), true
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(said) // the client is gone
}
