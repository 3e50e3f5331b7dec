package ticket

// Batch is what one request of a monitoring tool said, or a part of it: the
// form in which package ingest hands alerts on.
type Batch struct {
	Source string
	Alerts []Alert
	// ResolveGroups are groups of the sender's of which everything is over,
	// whether Alerts lists it or not (Alertmanager's truncatedAlerts).
	ResolveGroups []string
}
