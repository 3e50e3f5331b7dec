package chat

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/internal/ticket"
)

// What a door observes, for a metric.
const (
	EventPress     = "press"     // a press was handed over
	EventForged    = "forged"    // its sender did not show who it is, or it is too old
	EventMalformed = "malformed" // too big, not in its format, or without what is needed
	EventStray     = "stray"     // of a channel that is no room of this door
	EventFailed    = "failed"    // the listener could not act
)

const (
	slackWindow = 5 * time.Minute         // how far a request's time may be from ours
	pressLimit  = 2500 * time.Millisecond // Slack waits 3 s
)

// Door is what the doors have in common. Log and Observe may be nil.
type Door struct {
	Listener Listener
	Now      func() time.Time
	Log      *zap.Logger
	Observe  func(event string)
}

func (d *Door) observe(event string) {
	if d.Observe != nil {
		d.Observe(event)
	}
}

func (d *Door) refuse(w http.ResponseWriter, event string, status int) {
	d.observe(event)
	http.Error(w, http.StatusText(status), status)
}

// read is the body of a POST; false if it was refused.
func (d *Door) read(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		d.refuse(w, EventMalformed, http.StatusMethodNotAllowed)
		return nil, false
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, ticket.MaxPress))
	if err != nil {
		status := http.StatusBadRequest
		var big *http.MaxBytesError
		if errors.As(err, &big) {
			status = http.StatusRequestEntityTooLarge
		}
		d.refuse(w, EventMalformed, status)
		return nil, false
	}
	return body, true
}

// tooLong says that what names somebody, or a button of ours, is longer than any is.
func tooLong(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return len(name) > ticket.MaxChatUser })
}

// slackDoor takes what Slack sends to an app's Request URL. One app has one such
// address, whatever the channels.
type slackDoor struct {
	Door
	secret string
	rooms  map[string]*SlackRoom // of the same app, by their channels
}

// NewSlackDoor makes the door of a room. The others are rooms too; those of the same
// app share the door. A request without a right signature of the last five minutes
// gets 403. One that cannot be acted on now gets 503, which Slack shows to whoever
// pressed.
func NewSlackDoor(room *SlackRoom, others []*SlackRoom, d Door) http.Handler {
	door := &slackDoor{Door: d, secret: room.c.Secret, rooms: map[string]*SlackRoom{}}
	for _, other := range append(others, room) {
		if other.c.Secret == room.c.Secret {
			door.rooms[other.c.Channel] = other
		}
	}
	if door.Log == nil {
		door.Log = zap.NewNop()
	}
	return door
}

// SlackSignature is the signature of a body at a time, as Slack makes it: HMAC-SHA256
// of v0, the seconds and the body.
func SlackSignature(secret, seconds string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write([]byte("v0:" + seconds + ":")) // it never fails
	_, _ = mac.Write(body)
	return "v0=" + hex.EncodeToString(mac.Sum(nil))
}

// authentic reports whether Slack sent a body, not long ago.
func (d *slackDoor) authentic(h http.Header, body []byte) bool {
	seconds := h.Get("X-Slack-Request-Timestamp")
	at, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || d.secret == "" {
		return false
	}
	if age := d.Now().Sub(time.Unix(at, 0)); age > slackWindow || age < -slackWindow {
		return false
	}
	return hmac.Equal([]byte(h.Get("X-Slack-Signature")), []byte(SlackSignature(d.secret, seconds, body)))
}

// slackPayload is what an interaction says, as far as it is read.
type slackPayload struct {
	Type      string `json:"type"`
	Challenge string `json:"challenge"` // of url_verification
	User      struct {
		ID string `json:"id"`
	} `json:"user"`
	Channel struct {
		ID string `json:"id"`
	} `json:"channel"`
	Actions []struct {
		ActionID string `json:"action_id"`
		Value    string `json:"value"`
	} `json:"actions"`
}

// ServeHTTP answers one request.
func (d *slackDoor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, ok := d.read(w, r)
	if !ok {
		return
	}
	if !d.authentic(r.Header, body) {
		d.refuse(w, EventForged, http.StatusForbidden)
		return
	}
	p, ok := slackSays(r.Header.Get("Content-Type"), body)
	switch {
	case !ok:
		d.refuse(w, EventMalformed, http.StatusBadRequest)
	case p.Type == "url_verification":
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"challenge": p.Challenge}) // the client is gone
	case p.Type == "block_actions" && len(p.Actions) == 1 && p.User.ID != "":
		if tooLong(p.User.ID, p.Actions[0].ActionID, p.Actions[0].Value) {
			d.refuse(w, EventMalformed, http.StatusBadRequest)
			return
		}
		d.pressed(w, r, &p)
	case p.Type == "":
		d.refuse(w, EventMalformed, http.StatusBadRequest)
	default:
		w.WriteHeader(http.StatusOK) // it is nothing that we asked for
	}
}

// slackSays reads a form with a payload, or JSON.
func slackSays(kind string, body []byte) (p slackPayload, ok bool) {
	if len(kind) >= 16 && kind[:16] == "application/json" {
		return p, json.Unmarshal(body, &p) == nil
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return p, false
	}
	if form.Get("ssl_check") == "1" {
		return slackPayload{Type: "ssl_check"}, true
	}
	return p, json.Unmarshal([]byte(form.Get("payload")), &p) == nil
}

func (d *slackDoor) pressed(w http.ResponseWriter, r *http.Request, p *slackPayload) {
	room, action := d.rooms[p.Channel.ID], p.Actions[0]
	switch {
	case room == nil:
		d.refuse(w, EventStray, http.StatusNotFound)
		return
	case action.ActionID == openAction:
		w.WriteHeader(http.StatusOK)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), pressLimit)
	defer cancel()
	text, err := d.Listener.Press(ctx, Press{Room: room.c.Name, Product: Slack, User: p.User.ID, Action: action.ActionID, Value: action.Value})
	if err != nil {
		d.Log.Warn("a press in a room of Slack could not be acted on: its person sees a warning", zap.String("room", room.c.Name), zap.Error(err))
		d.refuse(w, EventFailed, http.StatusServiceUnavailable)
		return
	}
	d.observe(EventPress)
	if text != "" {
		if err := room.whisper(ctx, p.User.ID, text); err != nil {
			d.Log.Warn("who pressed a button in a room of Slack could not be answered", zap.String("room", room.c.Name), zap.Error(err))
		}
	}
	w.WriteHeader(http.StatusOK)
}
