package chat

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// SlackAPI is where Slack's Web API is.
const SlackAPI = "https://slack.com/api"

// The bounds of Block Kit.
const (
	slackHeader  = 150
	slackSection = 3000
	slackLabel   = 75
)

// SlackConfig is a channel of Slack's. Base, HTTP and UserAgent may be left out. An
// empty Secret is one that no press fits: there are no buttons then.
type SlackConfig struct {
	Name      string // the room's
	Channel   string // its id, C…
	Token     string // of the app's bot, xoxb-…
	Secret    string // the app's signing secret
	Base      string
	HTTP      http.RoundTripper
	UserAgent string
}

// SlackRoom is a channel of Slack's, spoken to by chat.postMessage and chat.update.
type SlackRoom struct {
	c    SlackConfig
	call caller
}

var _ Room = (*SlackRoom)(nil)

// NewSlack makes one.
func NewSlack(c SlackConfig) *SlackRoom {
	if c.Base == "" {
		c.Base = SlackAPI
	}
	return &SlackRoom{c: c, call: newCaller(c.HTTP, c.Token, c.UserAgent)}
}

// Name is the room's.
func (s *SlackRoom) Name() string { return s.c.Name }

// Traits says that Slack takes a message a second in a channel.
func (s *SlackRoom) Traits() Traits {
	return Traits{Product: Slack, Edits: true, Buttons: s.c.Secret != "", Every: time.Second}
}

// Post posts a card. Slack has no way to say that two posts are the same.
func (s *SlackRoom) Post(ctx context.Context, c *Card, _ string) (string, error) {
	m := s.message(c)
	m.Channel = s.c.Channel
	return s.ask(ctx, "chat.postMessage", m)
}

// Edit has the message show another card.
func (s *SlackRoom) Edit(ctx context.Context, id string, c *Card) error {
	m := s.message(c)
	m.Channel, m.TS = s.c.Channel, id
	_, err := s.ask(ctx, "chat.update", m)
	return err
}

// Reply answers in the message's thread.
func (s *SlackRoom) Reply(ctx context.Context, id, text, _ string) error {
	off := false
	_, err := s.ask(ctx, "chat.postMessage", slackMessage{
		Channel: s.c.Channel, ThreadTS: id, Text: escapeSlack(cut(text, slackSection)), Parse: "none", Markdown: &off,
	})
	return err
}

// whisper shows a text to one user alone.
func (s *SlackRoom) whisper(ctx context.Context, user, text string) error {
	off := false
	_, err := s.ask(ctx, "chat.postEphemeral", slackMessage{Channel: s.c.Channel, User: user, Text: escapeSlack(text), Parse: "none", Markdown: &off})
	return err
}

// slackMessage is what the methods of chat.* take.
type slackMessage struct {
	Channel  string       `json:"channel"`
	TS       string       `json:"ts,omitempty"`
	ThreadTS string       `json:"thread_ts,omitempty"`
	User     string       `json:"user,omitempty"`
	Text     string       `json:"text"` // with blocks: of the notification
	Blocks   []slackBlock `json:"blocks,omitempty"`
	Parse    string       `json:"parse,omitempty"`
	Markdown *bool        `json:"mrkdwn,omitempty"`
	Links    bool         `json:"unfurl_links"` // never
	Media    bool         `json:"unfurl_media"` // never
}

type slackBlock struct {
	Type     string         `json:"type"`
	Text     *slackText     `json:"text,omitempty"`
	Elements []slackElement `json:"elements,omitempty"`
}

// slackText is always plain_text: in that nothing is a mention, a link or markup.
type slackText struct {
	Type  string `json:"type"`
	Text  string `json:"text"`
	Emoji bool   `json:"emoji"`
}

type slackElement struct {
	Type     string     `json:"type"`
	ActionID string     `json:"action_id"`
	Text     *slackText `json:"text"`
	Value    string     `json:"value,omitempty"`
	URL      string     `json:"url,omitempty"`
	Style    string     `json:"style,omitempty"`
}

func slackPlain(s string, most int) *slackText {
	return &slackText{Type: "plain_text", Text: cut(s, most)}
}

// openAction is the button that is a link. Slack tells of its press too.
const openAction = "open"

func (s *SlackRoom) message(c *Card) slackMessage {
	off := false
	m := slackMessage{
		Text:  escapeSlack(strings.TrimSpace(c.mark() + " " + c.Head + " " + cut(c.Title, ticket.MaxRoomTitle))),
		Parse: "none", Markdown: &off,
		Blocks: []slackBlock{{Type: "header", Text: slackPlain(c.mark()+" "+c.Head, slackHeader)}},
	}
	for _, text := range []string{c.Title, strings.Join(c.Lines, "\n")} {
		if text != "" {
			m.Blocks = append(m.Blocks, slackBlock{Type: "section", Text: slackPlain(text, slackSection)})
		}
	}
	var buttons []slackElement
	if s.c.Secret != "" {
		for _, b := range c.Buttons {
			e := slackElement{Type: "button", ActionID: b.Action, Text: slackPlain(b.Label, slackLabel), Value: b.Value}
			if b.Primary {
				e.Style = "primary"
			}
			buttons = append(buttons, e)
		}
	}
	if c.Link != "" {
		buttons = append(buttons, slackElement{Type: "button", ActionID: openAction, Text: slackPlain(c.Open, slackLabel), URL: c.Link})
	}
	if len(buttons) > 0 {
		m.Blocks = append(m.Blocks, slackBlock{Type: "actions", Elements: buttons})
	}
	return m
}

// ask calls a method, and returns the message's ts.
func (s *SlackRoom) ask(ctx context.Context, method string, m slackMessage) (string, error) {
	a, err := s.call.ask(ctx, http.MethodPost, s.c.Base+"/"+method, m)
	if err != nil {
		return "", err
	}
	var said struct {
		OK    bool   `json:"ok"`
		Error string `json:"error"`
		TS    string `json:"ts"`
	}
	err = json.Unmarshal(a.body, &said)
	switch {
	case a.status == http.StatusTooManyRequests || err != nil || a.status/100 != 2 && said.Error == "":
		return "", a.refusal()
	case !said.OK:
		return "", slackRefusal(said.Error)
	}
	return said.TS, nil
}

// slackRefusals are the errors that mean something to us. All others are tried again.
var slackRefusals = map[string]Refusal{
	"message_not_found":       {Gone: true},
	"cant_update_message":     {Gone: true},
	"edit_window_closed":      {Gone: true},
	"thread_not_found":        {Gone: true},
	"invalid_blocks":          {Final: true},
	"invalid_blocks_format":   {Final: true},
	"msg_too_long":            {Final: true},
	"msg_blocks_too_long":     {Final: true},
	"no_text":                 {Final: true},
	"ratelimited":             {TooFast: true},
	"rate_limited":            {TooFast: true},
	"channel_not_found":       {Advice: "no such channel for this bot: check its id, and invite the bot into it"},
	"not_in_channel":          {Advice: "invite the bot into the channel"},
	"is_archived":             {Advice: "the channel is archived"},
	"restricted_action":       {Advice: "the channel does not let the bot post"},
	"invalid_auth":            {Advice: "the token is wrong"},
	"not_authed":              {Advice: "the token is wrong"},
	"token_expired":           {Advice: "the token has expired: take one without rotation, or a new one"},
	"token_revoked":           {Advice: "the token was revoked: install the app anew"},
	"account_inactive":        {Advice: "the bot's account is no longer active: install the app anew"},
	"missing_scope":           {Advice: "the app lacks the scope chat:write"},
	"no_permission":           {Advice: "the app lacks the scope chat:write"},
	"ekm_access_denied":       {Advice: "an administrator has suspended posting"},
	"team_access_not_granted": {Advice: "the token is of another workspace"},
}

func slackRefusal(code string) *Refusal {
	r := slackRefusals[code]
	r.Code = ticket.Cut(code, 60)
	if r.Code == "" {
		r.Code = "unknown_error"
	}
	return &r
}

// escapeSlack takes the meaning from the characters that begin mentions and links.
func escapeSlack(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
