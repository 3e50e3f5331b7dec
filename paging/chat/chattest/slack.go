package chattest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Slack is a workspace with an app.
type Slack struct {
	product
	Token, Secret string
	Channels      []string
	whispers      []string
}

// NewSlack makes one with a channel.
func NewSlack(token, secret string, now func() time.Time, channels ...string) *Slack {
	return &Slack{product: product{now: now}, Token: token, Secret: secret, Channels: channels}
}

// Whispers are what users alone were shown: "U1: text".
func (s *Slack) Whispers() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.whispers
}

func slackError(code string) *http.Response {
	return Answer(http.StatusOK, map[string]any{"ok": false, "error": code})
}

// RoundTrip answers a call of the Web API.
func (s *Slack) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	method := req.URL.Path[strings.LastIndex(req.URL.Path, "/")+1:]
	var m map[string]any
	if resp := s.begin(req, method, &m); resp != nil {
		return resp, nil
	}
	channel, _ := m["channel"].(string)
	known := false
	for _, c := range s.Channels {
		known = known || c == channel
	}
	switch {
	case req.Header.Get("Authorization") == "":
		return slackError("not_authed"), nil
	case req.Header.Get("Authorization") != "Bearer "+s.Token:
		return slackError("invalid_auth"), nil
	case !known:
		return slackError("channel_not_found"), nil
	}
	if code := s.check(m); code != "" {
		s.complain("%s: %s: %v", method, code, m)
		return slackError(code), nil
	}
	text, _ := m["text"].(string)
	switch method {
	case "chat.postEphemeral":
		s.whispers = append(s.whispers, fmt.Sprint(m["user"], ": ", text))
		return Answer(http.StatusOK, map[string]any{"ok": true, "message_ts": "1"}), nil
	case "chat.postMessage":
		if s.tooFast() {
			return Answer(http.StatusTooManyRequests, map[string]any{"ok": false, "error": "ratelimited"}, "Retry-After", "1"), nil
		}
		thread, _ := m["thread_ts"].(string)
		if thread != "" && s.find(thread) == nil {
			return slackError("thread_not_found"), nil
		}
		ts := fmt.Sprintf("%d.%06d", s.now().Unix(), len(s.messages))
		made := &Message{ID: ts, Thread: thread, At: s.now()}
		s.show(made, m)
		s.messages = append(s.messages, made)
		return Answer(http.StatusOK, map[string]any{"ok": true, "ts": ts, "channel": channel}), nil
	case "chat.update":
		ts, _ := m["ts"].(string)
		made := s.find(ts)
		if made == nil {
			return slackError("message_not_found"), nil
		}
		s.show(made, m)
		made.Edits++
		return Answer(http.StatusOK, map[string]any{"ok": true, "ts": ts, "channel": channel}), nil
	}
	return slackError("unknown_method"), nil
}

// show keeps what a message shows.
func (s *Slack) show(made *Message, m map[string]any) {
	made.raw, made.Buttons = m, map[string]string{}
	lines := []string{}
	if blocks, _ := m["blocks"].([]any); len(blocks) == 0 {
		text, _ := m["text"].(string)
		lines = append(lines, text)
	} else {
		for _, b := range blocks {
			block, _ := b.(map[string]any)
			if text, ok := block["text"].(map[string]any); ok {
				lines = append(lines, fmt.Sprint(text["text"]))
			}
			elements, _ := block["elements"].([]any)
			for _, e := range elements {
				element, _ := e.(map[string]any)
				value, _ := element["value"].(string)
				made.Buttons[fmt.Sprint(element["action_id"])] = value
			}
		}
	}
	made.Text = strings.Join(lines, "\n")
}

// check holds a message to the bounds of Block Kit, and against markup in it.
func (s *Slack) check(m map[string]any) string {
	text, _ := m["text"].(string)
	switch {
	case text == "":
		return "no_text"
	case strings.ContainsAny(text, "<>"):
		return "mention_or_link" // none of ours has any
	case m["parse"] != "none":
		return "invalid_parse"
	}
	blocks, _ := m["blocks"].([]any)
	for _, b := range blocks {
		block, _ := b.(map[string]any)
		most := map[any]int{"header": 150, "section": 3000, "actions": 1}[block["type"]]
		if most == 0 {
			return "invalid_blocks"
		}
		if t, ok := block["text"].(map[string]any); ok && !plainText(t, most) {
			return "invalid_blocks"
		}
		elements, _ := block["elements"].([]any)
		if (block["type"] == "actions") != (len(elements) > 0) {
			return "invalid_blocks"
		}
		for _, e := range elements {
			element, _ := e.(map[string]any)
			t, _ := element["text"].(map[string]any)
			if element["type"] != "button" || !plainText(t, 75) || element["action_id"] == "" {
				return "invalid_blocks"
			}
		}
	}
	return ""
}

func plainText(t map[string]any, most int) bool {
	text, _ := t["text"].(string)
	n := utf8.RuneCountInString(text)
	return t["type"] == "plain_text" && n > 0 && n <= most
}

// Sign signs a request to a door.
func (s *Slack) Sign(req *http.Request, body string, at time.Time) {
	seconds := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(s.Secret))
	mac.Write([]byte("v0:" + seconds + ":" + body))
	req.Header.Set("X-Slack-Request-Timestamp", seconds)
	req.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
}

// Pressed is the body of a press of a button.
func (s *Slack) Pressed(channel, ts, action, value, user string) string {
	payload, err := json.Marshal(map[string]any{
		"type": "block_actions", "user": map[string]any{"id": user, "username": user, "team_id": "T1"}, "api_app_id": "A1", "token": "old",
		"container": map[string]any{"type": "message", "message_ts": ts, "channel_id": channel}, "trigger_id": "1.2.3", "team": map[string]any{"id": "T1"},
		"channel": map[string]any{"id": channel, "name": "ops"}, "response_url": "https://hooks.slack.com/actions/T1/1/x",
		"actions": []any{map[string]any{"type": "button", "action_id": action, "block_id": "b", "value": value, "action_ts": "1.1"}},
	})
	if err != nil {
		panic(err)
	}
	return "payload=" + url.QueryEscape(string(payload))
}

// Request is a request to a door, signed at a time.
func (s *Slack) Request(address, body string, at time.Time) *http.Request {
	req := httptest.NewRequest(http.MethodPost, address, strings.NewReader(body))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	s.Sign(req, body, at)
	return req
}
