package chat

import (
	"context"
	"net/http"
	"time"
)

// TeamsConfig is a Workflow that posts what its webhook is sent. HTTP and UserAgent may
// be left out.
type TeamsConfig struct {
	Name      string // the room's
	URL       string // of the webhook; it is a secret
	HTTP      http.RoundTripper
	UserAgent string
}

// TeamsRoom is a channel of Microsoft Teams, spoken to by the webhook of a Workflow.
type TeamsRoom struct {
	c    TeamsConfig
	call caller
}

var _ Room = (*TeamsRoom)(nil)

// NewTeams makes one.
func NewTeams(c TeamsConfig) *TeamsRoom {
	return &TeamsRoom{c: c, call: newCaller(c.HTTP, "", c.UserAgent)}
}

// Traits says that Teams takes four messages a second, and no webhook can change one.
func (t *TeamsRoom) Traits() Traits { return Traits{Product: Teams, Every: 250 * time.Millisecond} }

// Post posts a card. The Workflow tells nothing of the message: the name of each is the
// same.
func (t *TeamsRoom) Post(ctx context.Context, c *Card, _ string) (string, error) {
	a, err := t.call.ask(ctx, http.MethodPost, t.c.URL, teamsMessage(c))
	if err != nil {
		return "", err
	}
	if a.status/100 == 2 {
		return "posted", nil
	}
	r := a.refusal()
	switch a.status {
	case http.StatusUnauthorized, http.StatusForbidden:
		r.Advice = "the webhook's address is not whole, or no longer good: copy it from the Workflow anew"
	case http.StatusNotFound, http.StatusGone:
		r.Advice = "the Workflow was deleted or turned off: its owner may have left"
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge:
		r.Final = true
	}
	return "", r
}

// Edit is what a webhook cannot do.
func (t *TeamsRoom) Edit(context.Context, string, *Card) error {
	return &Refusal{Code: "unsupported", Final: true}
}

// Reply is what a webhook cannot do.
func (t *TeamsRoom) Reply(context.Context, string, string, string) error {
	return &Refusal{Code: "unsupported", Final: true}
}

// teamsMessage is a message with an Adaptive Card. All its text is in runs of a
// RichTextBlock, in which Markdown means nothing, and mentions need what is not here.
func teamsMessage(c *Card) map[string]any {
	body := []any{teamsText(c.mark()+" "+c.Head, "Large", "Bolder")}
	if c.Title != "" {
		body = append(body, teamsText(c.Title, "Medium", "Bolder"))
	}
	for _, line := range c.Lines {
		body = append(body, teamsText(line, "Default", "Default"))
	}
	card := map[string]any{
		"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
		"msteams": map[string]any{"width": "Full"}, "body": body,
	}
	if c.Link != "" {
		card["actions"] = []any{map[string]any{"type": "Action.OpenUrl", "title": c.Open, "url": c.Link}}
	}
	return map[string]any{"type": "message", "attachments": []any{
		map[string]any{"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": nil, "content": card},
	}}
}

func teamsText(text, size, weight string) map[string]any {
	return map[string]any{"type": "RichTextBlock", "inlines": []any{
		map[string]any{"type": "TextRun", "text": text, "size": size, "weight": weight},
	}}
}
