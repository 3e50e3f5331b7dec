package daemon

func (s *sim) overdue() {}
func (s *sim) judge()   {}
