package paging

import (
	"slices"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/paging/words"
)

// The names of the channels that there are.
const (
	WaySMS  = "sms"
	WayPush = "push"
)

// Way is a channel: how a person is reached. What its providers say of one message
// is a Class, whoever says it; what follows from that is the same for all channels
// but for what stands here.
type Way struct {
	// Name is its word in policies, in a page's key, in metrics and in the API.
	Name string
	// Addresses are a person's, as the configuration has them. A message goes to one
	// after the other until one is not refused for good, and a page that did not
	// arrive is tried at another. Nil: it goes to all devices that the person has
	// registered at once, one that takes it is enough, and one that is gone is
	// forgotten.
	Addresses func(p contacts.Person) []string
	// Nowhere is the answer for who has no address.
	Nowhere Result
	// Text makes a page's text, to be carried by a provider.
	Text func(language string, f words.Facts, by Provider) Message
	// Test makes a test page's text.
	Test func(title, body string) Message
	// Crowds says that many messages at once help nobody: each waits for its turn,
	// and those of one person become one where there are too many.
	Crowds bool
	// Receipts says that a provider may tell later what became of a message.
	Receipts bool
}

// AllWays are the channels that there are. They are tried in this order; what can
// wait for nothing comes last: who was paged by several is told by the last of them
// that it is over.
func AllWays() []Way {
	return []Way{
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
		},
		{
			Name:      WaySMS,
			Addresses: func(p contacts.Person) []string { return p.Phones },
			Nowhere:   Result{Class: DeadAddress, Code: "no_number", Detail: "no phone is configured"},
			Text:      smsText,
			Test:      func(title, body string) Message { return Message{Text: title + "\n" + body} },
			Crowds:    true,
			Receipts:  true,
		},
	}
}

// smsText leaves out what the provider cannot carry.
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

// WayNames are the names of channels, in their order.
func WayNames(ways []Way) []string {
	names := make([]string, len(ways))
	for i := range ways {
		names[i] = ways[i].Name
	}
	return names
}

// FindWay is the channel of a name; nil if there is none.
func FindWay(ways []Way, name string) *Way {
	if i := slices.IndexFunc(ways, func(w Way) bool { return w.Name == name }); i >= 0 {
		return &ways[i]
	}
	return nil
}

// Reaches says whether a person has an address. device says whether somebody has
// registered a device.
func (w *Way) Reaches(p contacts.Person, device func(person string) bool) bool {
	if w.Addresses == nil {
		return device(p.Key)
	}
	return len(w.Addresses(p)) > 0
}

// Reachable says who can be paged by the channels that are configured, as far as
// the configuration tells: everybody may have a device.
func Reachable(channels []string) func(contacts.Person, string) bool {
	ways := AllWays()
	anybody := func(string) bool { return true }
	return func(p contacts.Person, channel string) bool {
		w := FindWay(ways, channel)
		return w != nil && slices.Contains(channels, channel) && w.Reaches(p, anybody)
	}
}

// way is the channel of a page; nil if there is none of that name.
func (o *Outbox) way(channel string) *Way { return FindWay(o.known, channel) }

// addressed says whether a channel reaches addresses that the configuration has,
// so that a page which did not arrive may go to another.
func (o *Outbox) addressed(channel string) bool {
	w := o.way(channel)
	return w != nil && w.Addresses != nil
}

// addresses are those of a person by a channel, as the configuration has them.
func (o *Outbox) addresses(person, channel string) []string {
	w := o.way(channel)
	if w == nil || w.Addresses == nil {
		return nil
	}
	p, _ := o.actions.Rules().Directory.Person(person)
	return w.Addresses(p)
}
