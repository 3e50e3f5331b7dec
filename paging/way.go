package paging

import (
	"slices"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/paging/words"
)

// The names of the channels.
const (
	WaySMS  = "sms"
	WayPush = "push"
	WayMail = "mail"
)

// Way is a channel: how a person is reached. Its providers' answers are sorted
// by Class, and all channels treat a Class alike. What differs between
// channels is in the fields here.
type Way struct {
	// Name is the channel's word in policies, in a page's key, in metrics and in
	// the API.
	Name string
	// Addresses are a person's addresses in the configuration. A message goes to
	// one after the other until one is not refused for good. A page that did not
	// arrive is tried at another. Nil: a message goes to all devices that the
	// person has registered, at once. It is enough that one takes it. A device
	// that is gone is forgotten.
	Addresses func(p contacts.Person) []string
	// Nowhere is the answer for a person who has no address.
	Nowhere Result
	// Text makes a page's text for a provider to carry.
	Text func(language string, f words.Facts, by Provider) Message
	// Test makes a test page's text.
	Test func(title, body string) Message
	// Note makes a note's text, to be carried by a provider, with a link or without.
	// Nil: as a test page's.
	Note func(n Note, by Provider, link string) Message
	// Crowds says that many messages at once help nobody. Each waits for its
	// turn, and too many for one person become one.
	Crowds bool
	// Details says that a page has room for what the alerts say themselves.
	Details bool
	// Receipts says that a provider may report later what became of a message.
	Receipts bool
}

// AllWays lists the channels. They are tried in this order, and the surest
// comes last. A person who was paged by several hears by the last of them that
// it is over.
func AllWays() []Way {
	return []Way{
		{
			Name: WayMail,
			Addresses: func(p contacts.Person) []string {
				if p.Email == "" {
					return nil
				}
				return []string{p.Email}
			},
			Nowhere: Result{Class: DeadAddress, Code: "no_email", Detail: "no mail address is configured"},
			Text: func(language string, f words.Facts, _ Provider) (m Message) {
				m.Title, m.Body = words.Mail(language, f)
				return m
			},
			Test:    func(title, body string) Message { return Message{Title: title, Body: body} },
			Note:    noteByMail,
			Crowds:  true,
			Details: true,
		},
		{
			Name:    WayPush,
			Nowhere: Result{Class: DeadAddress, Code: "no_device", Detail: "no device is registered"},
			Text: func(language string, f words.Facts, _ Provider) (m Message) {
				m.Title, m.Body, m.Data = words.Push(language, f)
				return m
			},
			Test: func(title, body string) Message {
				return Message{Title: title, Body: body, Data: map[string]string{"kind": "test"}}
			},
			Note: noteByPush,
		},
		{
			Name:      WaySMS,
			Addresses: func(p contacts.Person) []string { return p.Phones },
			Nowhere:   Result{Class: DeadAddress, Code: "no_number", Detail: "no phone is configured"},
			Text:      smsText,
			Test:      func(title, body string) Message { return Message{Text: title + "\n" + body} },
			Note:      noteBySMS,
			Crowds:    true,
			Receipts:  true,
		},
	}
}

// smsText makes a page's SMS, without what the provider cannot carry.
func smsText(language string, f words.Facts, by Provider) Message {
	if !by.Replies {
		f.Code = 0
	}
	if by.NoLinks {
		f.Link = ""
	}
	f.GSMOnly = by.GSMOnly
	return Message{Text: words.SMS(language, f)}
}

// WayNames lists the names of channels, in their order.
func WayNames(ways []Way) []string {
	names := make([]string, len(ways))
	for i := range ways {
		names[i] = ways[i].Name
	}
	return names
}

// FindWay finds the channel with a name; nil if there is none.
func FindWay(ways []Way, name string) *Way {
	if i := slices.IndexFunc(ways, func(w Way) bool { return w.Name == name }); i >= 0 {
		return &ways[i]
	}
	return nil
}

// Reaches says whether a person has an address. device says whether a person
// has registered a device.
func (w *Way) Reaches(p contacts.Person, device func(person string) bool) bool {
	if w.Addresses == nil {
		return p.Group == "" && device(p.Key)
	}
	return len(w.Addresses(p)) > 0
}

// Reachable says who can be paged by the configured channels, as far as the
// configuration tells: everybody may have a device.
func Reachable(channels []string) func(contacts.Person, string) bool {
	ways := AllWays()
	anybody := func(string) bool { return true }
	return func(p contacts.Person, channel string) bool {
		w := FindWay(ways, channel)
		return w != nil && slices.Contains(channels, channel) && w.Reaches(p, anybody)
	}
}

// way is the channel of a page; nil if there is none with that name.
func (o *Outbox) way(channel string) *Way { return FindWay(o.known, channel) }

// addressed says whether the configuration has a channel's addresses. Then a
// page that did not arrive may go to another one.
func (o *Outbox) addressed(channel string) bool {
	w := o.way(channel)
	return w != nil && w.Addresses != nil
}

// addresses are a person's addresses for a channel, from the configuration.
func (o *Outbox) addresses(person, channel string) []string {
	w := o.way(channel)
	if w == nil || w.Addresses == nil {
		return nil
	}
	p, _ := o.actions.Rules().Directory.Recipient(person)
	return w.Addresses(p)
}
