package config

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/chat"
)

// ChatRoom is a room of chat that is told of tickets. Product says which of the rest it
// has.
type ChatRoom struct {
	Name       string // unique
	Product    string // of chat.Products
	Language   string // of what it reads
	Discreet   bool   // it is shown the number and the urgency alone
	Slack      SlackChannel
	Mattermost MattermostChannel
	Teams      Secret // the address of a Workflow's webhook
}

// SlackChannel is a channel of Slack's, and the app that posts there.
type SlackChannel struct {
	Channel string // its id
	Token   Secret // the bot's
	Signing Secret // the app's; empty: messages have no buttons
	BaseURL string // empty: Slack's own
}

// MattermostChannel is a channel of a Mattermost, and the bot that posts there.
type MattermostChannel struct {
	URL     string // without a slash at the end
	Channel string // its id
	Token   Secret
}

var (
	slackChannel = regexp.MustCompile(`^[CG][A-Z0-9]{2,30}$`)
	slackUser    = regexp.MustCompile(`^[UW][A-Z0-9]{2,30}$`)
	mattermostID = regexp.MustCompile(`^[a-z0-9]{26}$`)
)

// chat reads the rooms, and the rules of what they may show.
func (r *reader) chat(v value, language string) ([]ChatRoom, []escalation.Room) {
	var rooms []ChatRoom
	var rules []escalation.Room
	entries := v.entries("room")
	if len(entries) > ticket.MaxRooms {
		v.errorf("%d rooms at most: a change of a ticket is written for each that knows of it", ticket.MaxRooms)
	}
	for _, e := range entries {
		ways := paging.WayNames(paging.AllWays())
		switch {
		case slices.Contains(append(ways, "voice", "webhook"), e.key):
			e.errorf("%s is a channel of people: another name wanted", e.key)
		case !gatewayName.MatchString(e.key):
			e.errorf("a name of letters, digits, - and _ wanted, 40 at most: it is part of an address")
		}
		t := e.table()
		room := ChatRoom{Name: e.key, Discreet: t.get("discreet").flag(false)}
		room.Language = t.get("language").language(language)
		rule := escalation.Room{Name: e.key, Customers: t.get("customers").namesOf("customer")}
		r.product(t, &room)
		t.done()
		rooms, rules = append(rooms, room), append(rules, rule)
	}
	return rooms, rules
}

// product reads which product a room is of. Exactly one is given.
func (r *reader) product(t *table, room *ChatRoom) {
	slack, mattermost, teams := t.get(chat.Slack), t.get(chat.Mattermost), t.get(chat.Teams)
	given := 0
	for product, v := range map[string]value{chat.Slack: slack, chat.Mattermost: mattermost, chat.Teams: teams} {
		if v.given() {
			room.Product = product
			given++
		}
	}
	if given != 1 {
		t.value.errorf("one of %s wanted", either(chat.Products()))
	}
	if slack.given() {
		room.Slack = slack.slackChannel()
	}
	if mattermost.given() {
		m := mattermost.table()
		room.Mattermost = MattermostChannel{
			URL:     strings.TrimRight(m.need("url", "the server's address").address(), "/"),
			Channel: m.need("channel", "the channel's id").chatID(mattermostID, "26 small letters and digits: an id, no name"),
			Token:   m.secret("token"),
		}
		m.done()
	}
	if teams.given() {
		w := teams.table()
		room.Teams = w.secret("url")
		w.checkWebhook(room.Teams)
		w.done()
	}
}

func (v value) slackChannel() SlackChannel {
	t := v.table()
	c := SlackChannel{
		Channel: t.need("channel", "the channel's id").chatID(slackChannel, "C and capital letters and digits: an id, no name"),
		Token:   t.secret("token"),
		BaseURL: strings.TrimRight(t.get("base_url").address(), "/"),
	}
	if token := c.Token.Reveal(); token != "" && !strings.HasPrefix(token, "xoxb-") && c.BaseURL == "" {
		t.child("token").errorf("the token of the app's bot wanted: it begins with xoxb-")
	}
	inline, file := t.child("signing_secret"), t.child("signing_secret_file")
	if inline.given() || file.given() {
		c.Signing = t.secret("signing_secret")
	} else { // the keys are known all the same
		t.get("signing_secret").note(noteType, "secret")
		t.get("signing_secret_file").note(noteType, "file")
		v.warnf("without a signing_secret its messages have no buttons")
	}
	t.done()
	return c
}

// chatID reads an id that a product has made.
func (v value) chatID(form *regexp.Regexp, what string) string {
	v.note(noteType, "id")
	text, ok := v.text()
	if ok && !form.MatchString(text) {
		v.errorf("%s wanted", what)
	}
	return text
}

// checkWebhook refuses what is no address of a webhook. No message quotes it.
func (t *table) checkWebhook(address Secret) {
	text := address.Reveal()
	if text == "" {
		return
	}
	v := t.child("url")
	if !v.given() {
		v = t.child("url_file")
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" || len(text) > ticket.MaxURL:
		v.errorf("not the address of a webhook: https://host/path?query wanted, as the Workflow shows it")
	case strings.HasSuffix(u.Hostname(), ".webhook.office.com"):
		v.errorf("a connector's address: Microsoft has retired those; make a Workflow from \"When a Teams webhook request is received\"")
	default:
		v.warnPlain(text)
	}
}

// accounts reads a person's accounts, by the product.
func (r *reader) accounts(v value) map[string]string {
	if !v.given() {
		return nil
	}
	t := v.table()
	ids := map[string]string{
		chat.Slack:      t.get(chat.Slack).chatID(slackUser, "U and capital letters and digits: an id, no name"),
		chat.Mattermost: t.get(chat.Mattermost).chatID(mattermostID, "26 small letters and digits: an id, no name"),
	}
	t.refuse("a Teams Workflow cannot tell who pressed: its messages have no buttons that act", chat.Teams)
	t.done()
	for product, id := range ids {
		if id == "" {
			delete(ids, product)
			continue
		}
		if first, twice := r.chatters[product+" "+id]; twice {
			t.child(product).errorf("it is the account of %s too", first)
		}
		r.chatters[product+" "+id] = strings.TrimSuffix(v.path, ".chat")
	}
	return ids
}
