package chattest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

// Mattermost is a server with a bot.
type Mattermost struct {
	product
	Token, Channel string
	seen           map[string]string // pending ids
}

// NewMattermost makes one.
func NewMattermost(token, channel string, now func() time.Time) *Mattermost {
	return &Mattermost{product: product{now: now}, Token: token, Channel: channel, seen: map[string]string{}}
}

func mattermostError(status int, id string) *http.Response {
	return Answer(status, map[string]any{"id": id, "message": "no", "status_code": status, "request_id": "r"})
}

// RoundTrip answers a call of the API, version 4.
func (m *Mattermost) RoundTrip(req *http.Request) (*http.Response, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var p map[string]any
	if resp := m.begin(req, req.Method+" "+req.URL.Path, &p); resp != nil {
		return resp, nil
	}
	if req.Header.Get("Authorization") != "Bearer "+m.Token {
		return mattermostError(http.StatusUnauthorized, "api.context.session_expired.app_error"), nil
	}
	rest, ok := strings.CutPrefix(req.URL.Path, "/api/v4/posts")
	switch {
	case !ok:
		return mattermostError(http.StatusNotFound, "api.context.404.app_error"), nil
	case rest == "" && req.Method == http.MethodPost:
		return m.post(p), nil
	case strings.HasSuffix(rest, "/patch") && req.Method == http.MethodPut:
		made := m.find(strings.TrimSuffix(strings.TrimPrefix(rest, "/"), "/patch"))
		if made == nil {
			return mattermostError(http.StatusNotFound, "app.post.get.app_error"), nil
		}
		m.show(made, p)
		made.Edits++
		return Answer(http.StatusOK, map[string]any{"id": made.ID}), nil
	}
	return mattermostError(http.StatusNotFound, "api.context.404.app_error"), nil
}

func (m *Mattermost) post(p map[string]any) *http.Response {
	if p["channel_id"] != m.Channel {
		return mattermostError(http.StatusForbidden, "api.context.permissions.app_error")
	}
	pending, _ := p["pending_post_id"].(string)
	if id := m.seen[pending]; id != "" {
		return Answer(http.StatusCreated, map[string]any{"id": id})
	}
	if m.tooFast() {
		return Answer(http.StatusTooManyRequests, map[string]any{"id": "api.ratelimit"}, "X-Ratelimit-Limit", "1", "X-Ratelimit-Remaining", "0", "X-Ratelimit-Reset", "1")
	}
	root, _ := p["root_id"].(string)
	if root != "" && m.find(root) == nil {
		return mattermostError(http.StatusBadRequest, "api.post.create_post.root_id.app_error")
	}
	made := &Message{ID: fmt.Sprintf("%026d", len(m.messages)+1), Thread: root, At: m.now()}
	m.show(made, p)
	m.messages = append(m.messages, made)
	if pending != "" {
		m.seen[pending] = made.ID
	}
	return Answer(http.StatusCreated, map[string]any{"id": made.ID})
}

// show keeps what a post shows.
func (m *Mattermost) show(made *Message, p map[string]any) {
	made.raw, made.Buttons = p, map[string]string{}
	text, _ := p["message"].(string)
	lines := []string{text}
	props, _ := p["props"].(map[string]any)
	attachments, _ := props["attachments"].([]any)
	for _, a := range attachments {
		card, _ := a.(map[string]any)
		lines = append(lines, fmt.Sprint(card["title"]), fmt.Sprint(card["text"]))
		actions, _ := card["actions"].([]any)
		for _, b := range actions {
			action, _ := b.(map[string]any)
			integration, err := json.Marshal(action["integration"])
			if err != nil {
				m.complain("%v", err)
			}
			made.Buttons[fmt.Sprint(action["id"])] = string(integration)
		}
	}
	made.Text = strings.TrimSpace(strings.Join(lines, "\n"))
}

// Press is the request that the server makes when a user presses a button.
func (m *Mattermost) Press(id, action, user string) *http.Request {
	m.mu.Lock()
	defer m.mu.Unlock()
	var integration struct {
		URL     string         `json:"url"`
		Context map[string]any `json:"context"`
	}
	made := m.find(id)
	if made == nil || json.Unmarshal([]byte(made.Buttons[action]), &integration) != nil {
		panic("no such button: " + action)
	}
	return Pressed(integration.URL, m.Channel, id, user, integration.Context)
}

// Pressed is a request as a server makes it, with any context.
func Pressed(address, channel, id, user string, context map[string]any) *http.Request {
	body, err := json.Marshal(map[string]any{
		"user_id": user, "user_name": user, "channel_id": channel, "channel_name": "ops", "team_id": "t", "team_domain": "t", "post_id": id,
		"trigger_id": "x", "type": "", "data_source": "", "context": context,
	})
	if err != nil {
		panic(err)
	}
	req := httptest.NewRequest(http.MethodPost, address, strings.NewReader(string(body)))
	req.Header.Set("Content-Type", "application/json")
	return req
}
