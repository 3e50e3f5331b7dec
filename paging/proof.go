package paging

import (
	"context"
	"time"

	"github.com/astreinte/astreinte/contacts"
)

// How says what proved that a person can be reached.
type How string

// The proofs, by the names of the API.
const (
	ByAnswer  How = "answer"  // a text from the phone
	ByLink    How = "link"    // a button of the page behind a message's link
	ByApp     How = "app"     // something done while signed in
	ByDrill   How = "drill"   // an answer to a drill
	ByReceipt How = "receipt" // the provider says that a message arrived
	ByShown   How = "shown"   // a device says that it showed a push
)

// ByHand says whether a person did it. A machine says that a message arrived,
// and that a push was shown.
func (h How) ByHand() bool { return h != ByReceipt && h != ByShown }

// ChannelApp stands for a channel if what somebody did while signed in is the
// proof.
const ChannelApp = "app"

// Proof is that somebody was reached by a channel, at an address of theirs.
type Proof struct {
	Person  string    `json:"-"`
	Channel string    `json:"channel"`           // empty: it is not known
	Address string    `json:"address,omitempty"` // a number, or a device's id; empty: it is not known
	At      time.Time `json:"at"`
	How     How       `json:"how"`
	// Once names what was done if that may be told again: it is a text's name.
	Once string `json:"-"`
}

// Waited says which messages waited for somebody to answer.
type Waited struct {
	Handover bool // a message before a handover, or at it
	Drill    bool
	At       time.Time // when the last of those messages went out
}

// Any says whether any message did.
func (w Waited) Any() bool { return w.Handover || w.Drill }

// Prover takes proofs. Nothing that pages waits for one to be kept.
type Prover interface {
	// Proved notes a proof, if that can be done soon.
	Proved(ctx context.Context, p Proof)
	// Answered notes what a person did by hand, and that whatever waited for
	// their answer has one. It answers alike for the same Once. An error says
	// that this may not have been written down.
	Answered(ctx context.Context, p Proof) (Waited, error)
}

// arrived notes that a message came to an address of the configuration.
// Devices note what they show themselves.
func arrived(ctx context.Context, to Prover, w *Way, p contacts.Person, proof Proof) {
	if to == nil || w == nil || w.Addresses == nil || p.Key == "" {
		return
	}
	if all := w.Addresses(p); proof.Address == "" && len(all) == 1 {
		proof.Address = all[0] // its order's answer is still to come
	}
	proof.Person, proof.Channel, proof.How = p.Key, w.Name, ByReceipt
	to.Proved(ctx, proof)
}
