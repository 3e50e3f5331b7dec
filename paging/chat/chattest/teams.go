package chattest

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Teams is a Workflow with a webhook.
type Teams struct {
	product
	Sig string // of the webhook's address
}

// NewTeams makes one.
func NewTeams(sig string, now func() time.Time) *Teams {
	return &Teams{product: product{now: now}, Sig: sig}
}

// RoundTrip answers a post to the webhook.
func (t *Teams) RoundTrip(req *http.Request) (*http.Response, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var m map[string]any
	if resp := t.begin(req, req.Method, &m); resp != nil {
		return resp, nil
	}
	if req.URL.Query().Get("sig") != t.Sig {
		return Answer(http.StatusUnauthorized, map[string]any{"error": map[string]any{"code": "DirectApiAuthorizationRequired"}}), nil
	}
	if t.tooFast() {
		return Answer(http.StatusTooManyRequests, map[string]any{"error": map[string]any{"code": "TooManyRequests"}}, "Retry-After", "1"), nil
	}
	made := &Message{ID: fmt.Sprint(len(t.messages) + 1), At: t.now(), Buttons: map[string]string{}, raw: m}
	attachments, _ := m["attachments"].([]any)
	if m["type"] != "message" || len(attachments) != 1 {
		return Answer(http.StatusBadRequest, map[string]any{"error": map[string]any{"code": "TriggerInputSchemaMismatch"}}), nil
	}
	attachment, _ := attachments[0].(map[string]any)
	card, _ := attachment["content"].(map[string]any)
	if attachment["contentType"] != "application/vnd.microsoft.card.adaptive" || card["type"] != "AdaptiveCard" {
		return Answer(http.StatusBadRequest, map[string]any{"error": map[string]any{"code": "TriggerInputSchemaMismatch"}}), nil
	}
	var lines []string
	body, _ := card["body"].([]any)
	for _, b := range body {
		block, _ := b.(map[string]any)
		if block["type"] != "RichTextBlock" { // a TextBlock reads Markdown
			t.complain("a %v", block["type"])
		}
		inlines, _ := block["inlines"].([]any)
		for _, i := range inlines {
			run, _ := i.(map[string]any)
			lines = append(lines, fmt.Sprint(run["text"]))
		}
	}
	actions, _ := card["actions"].([]any)
	for _, a := range actions {
		action, _ := a.(map[string]any)
		made.Buttons[fmt.Sprint(action["type"])] = fmt.Sprint(action["url"])
	}
	made.Text = strings.Join(lines, "\n")
	t.messages = append(t.messages, made)
	return Answer(http.StatusAccepted, map[string]any{}), nil
}
