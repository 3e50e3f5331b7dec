package chat

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// MattermostConfig is a channel of a Mattermost. HTTP and UserAgent may be left out.
type MattermostConfig struct {
	Name      string // the room's
	URL       string // of the server, without a slash at the end
	Channel   string // its id, 26 letters and digits
	Token     string // of a bot account
	Door      string // the whole address of the room's door; empty: no buttons
	HTTP      http.RoundTripper
	UserAgent string
}

// MattermostRoom is a channel of a Mattermost, spoken to by /api/v4/posts.
type MattermostRoom struct {
	c    MattermostConfig
	call caller
}

var _ Room = (*MattermostRoom)(nil)

// NewMattermost makes one.
func NewMattermost(c MattermostConfig) *MattermostRoom {
	return &MattermostRoom{c: c, call: newCaller(c.HTTP, c.Token, c.UserAgent)}
}

// Traits says so: a server that has a limit at all takes ten requests a second, as it comes.
func (m *MattermostRoom) Traits() Traits {
	return Traits{Product: Mattermost, Edits: true, Buttons: m.c.Door != "", Every: 100 * time.Millisecond}
}

// Post posts a card. Mattermost takes the same post twice within half a minute for one.
func (m *MattermostRoom) Post(ctx context.Context, c *Card, once string) (string, error) {
	return m.post(ctx, mattermostPost{ChannelID: m.c.Channel, PendingID: once, Props: m.props(c)})
}

// Edit has the message show another card.
func (m *MattermostRoom) Edit(ctx context.Context, id string, c *Card) error {
	a, err := m.call.ask(ctx, http.MethodPut, m.c.URL+"/api/v4/posts/"+url.PathEscape(id)+"/patch", map[string]any{"message": "", "props": m.props(c)})
	if err != nil {
		return err
	}
	if a.status/100 == 2 {
		_, err := mattermostMade(&a)
		return err
	}
	r := mattermostRefusal(&a)
	if a.status == http.StatusNotFound || strings.HasPrefix(r.Code, "api.post.update_post.") {
		r.Gone, r.Final, r.Advice = true, false, ""
	}
	return r
}

// Reply answers in the message's thread.
func (m *MattermostRoom) Reply(ctx context.Context, id, text, once string) error {
	_, err := m.post(ctx, mattermostPost{ChannelID: m.c.Channel, RootID: id, PendingID: once, Message: escapeMarkdown(cut(text, ticket.MaxNote))})
	return err
}

func (m *MattermostRoom) post(ctx context.Context, p mattermostPost) (string, error) {
	a, err := m.call.ask(ctx, http.MethodPost, m.c.URL+"/api/v4/posts", p)
	if err != nil {
		return "", err
	}
	if a.status/100 != 2 {
		r := mattermostRefusal(&a)
		// A thread whose first message was deleted is there no more.
		r.Gone = p.RootID != "" && strings.HasPrefix(r.Code, "api.post.create_post.root_id")
		return "", r
	}
	return mattermostMade(&a)
}

// mattermostMade is the id of the post that an answer shows. A proxy that wants somebody
// to sign in answers 200, too.
func mattermostMade(a *answer) (string, error) {
	var said struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(a.body, &said); err != nil || said.ID == "" {
		return "", &Refusal{Code: "no_id", Advice: "the answer is none of Mattermost's: check the address"}
	}
	return said.ID, nil
}

type mattermostPost struct {
	ChannelID string           `json:"channel_id"`
	RootID    string           `json:"root_id,omitempty"`
	PendingID string           `json:"pending_post_id,omitempty"`
	Message   string           `json:"message"`
	Props     *mattermostProps `json:"props,omitempty"`
}

type mattermostProps struct {
	Attachments []mattermostCard `json:"attachments"`
}

type mattermostCard struct {
	Fallback string             `json:"fallback"`
	Color    string             `json:"color"`
	Title    string             `json:"title"`
	Link     string             `json:"title_link,omitempty"`
	Text     string             `json:"text"`
	Actions  []mattermostAction `json:"actions,omitempty"`
}

type mattermostAction struct {
	ID          string                `json:"id"`
	Type        string                `json:"type"`
	Name        string                `json:"name"`
	Style       string                `json:"style"`
	Integration mattermostIntegration `json:"integration"`
}

// mattermostIntegration stays on the server: who reads the channel does not see it.
type mattermostIntegration struct {
	URL     string            `json:"url"`
	Context mattermostContext `json:"context"`
}

// mattermostContext comes back with a press. Mattermost signs nothing: the mark shows
// that the button is ours.
type mattermostContext struct {
	Room   string `json:"room"`
	Action string `json:"action"`
	Value  string `json:"value"`
	Mark   string `json:"mark"`
}

// markOf is what nobody can make who does not have the bot's token.
func (m *MattermostRoom) markOf(action, value string) string {
	mac := hmac.New(sha256.New, []byte(m.c.Token))
	_, _ = mac.Write([]byte("astreinte button\x00" + m.c.Name + "\x00" + m.c.Channel + "\x00" + action + "\x00" + value)) // it never fails
	return hex.EncodeToString(mac.Sum(nil))
}

func (m *MattermostRoom) props(c *Card) *mattermostProps {
	card := mattermostCard{
		Fallback: c.Head, Color: mattermostColour(c), Title: escapeMarkdown(c.mark() + " " + c.Head), Link: c.Link,
	}
	var lines []string
	for _, line := range append([]string{c.Title}, c.Lines...) {
		if line != "" {
			lines = append(lines, escapeMarkdown(line))
		}
	}
	card.Text = strings.Join(lines, "\n")
	if m.c.Door != "" {
		for _, b := range c.Buttons {
			a := mattermostAction{ID: b.Action, Type: "button", Name: b.Label, Style: "default", Integration: mattermostIntegration{
				URL: m.c.Door, Context: mattermostContext{m.c.Name, b.Action, b.Value, m.markOf(b.Action, b.Value)},
			}}
			if b.Primary {
				a.Style = "primary"
			}
			card.Actions = append(card.Actions, a)
		}
	}
	return &mattermostProps{Attachments: []mattermostCard{card}}
}

func mattermostColour(c *Card) string {
	switch {
	case c.Over:
		return "#2e7d32"
	case c.Taken:
		return "#1565c0"
	case c.Urgency >= ticket.Critical:
		return "#c62828"
	}
	return "#ef6c00"
}

// mattermostRefusal says what an error means.
func mattermostRefusal(a *answer) *Refusal {
	r := a.refusal()
	var said struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(a.body, &said) == nil && said.ID != "" {
		r.Code = ticket.Cut(said.ID, 100)
	}
	switch a.status {
	case http.StatusUnauthorized:
		r.Advice = "the token is wrong, or was revoked"
	case http.StatusForbidden:
		r.Advice = "the bot may not post there: add it to the team and to the channel"
	case http.StatusNotFound:
		r.Advice = "no such channel: check its id, and the server's address"
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge:
		r.Final = true
	}
	return r
}

// escapeMarkdown takes the meaning from what Markdown reads, and from the @ and ~ that
// mention people and channels, which Mattermost looks for before it reads Markdown. No
// address becomes a link, not even one in which nothing is escaped: http://2130706433/.
func escapeMarkdown(s string) string {
	var out strings.Builder
	for i, c := range s {
		switch {
		case strings.ContainsRune("\\`*_{}[]()#+-.!|>~", c):
			out.WriteRune('\\')
			out.WriteRune(c)
		default:
			out.WriteRune(c)
		}
		if c == '@' || c == '~' || c == ':' && strings.HasPrefix(s[i+1:], "/") {
			out.WriteRune('\u200b') // a space of no width: no name follows, and no host
		}
	}
	return out.String()
}
