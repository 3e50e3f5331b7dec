package ticket

import (
	"encoding/json"
	"fmt"
	"time"
)

// ErrandRecords is the kind of the records of errands. They are in the home of their
// ticket's source, and due at once.
const ErrandRecords = "errand"

// Errand is what a commit of a ticket leaves to be done to something that has another
// home: one of its fields is set. To do it twice does no harm.
type Errand struct {
	Ticket string    `json:"ticket"` // whose commit left it
	By     Actor     `json:"by"`
	At     time.Time `json:"at"`
	Link   *TieBack  `json:"link,omitempty"`
	Plan   *Planned  `json:"plan,omitempty"`
}

// TieBack is a link that the other ticket is to have too.
type TieBack struct {
	Other  string `json:"other"` // the other ticket's number
	Link   Tie    `json:"link"`  // as that one is to have it
	Remove bool   `json:"remove,omitempty"`
}

// Planned is an intervention in the plan of the house.
type Planned struct {
	Ticket   string `json:"ticket"`
	Title    string `json:"title" holds:"free"`
	Customer string `json:"customer,omitempty"`
	Site     string `json:"site,omitempty"`
	Intervention
}

// ReadErrand reads the value of an errand's record.
func ReadErrand(value []byte) (e Errand, err error) {
	if err = json.Unmarshal(value, &e); err != nil {
		return e, fmt.Errorf("ticket: read an errand: %w", err)
	}
	return e, nil
}
