package ticket

// Batch is what one request of a monitoring tool said, or a part of it.
// Package ingest hands alerts on in this form.
type Batch struct {
	Source string
	Alerts []Alert
	// ResolveGroups are groups of the sender's in which everything is over,
	// whether Alerts lists it or not (Alertmanager's truncatedAlerts).
	ResolveGroups []string
}
