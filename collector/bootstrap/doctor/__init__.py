"""What `collector check` finds: one module a question, each line of it a `Diagnosis`.

Nothing is changed, and no letter is sent. What could not be found out is said to be unknown, with the reason.
"""

from collector.bootstrap.doctor.diagnosis import Diagnosis, Health
from collector.bootstrap.doctor.examination import examine

__all__ = ["Diagnosis", "Health", "examine"]
