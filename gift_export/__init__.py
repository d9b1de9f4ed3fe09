"""How a bank is spelled: GIFT and Moodle XML. Answers codes and places, never sentences."""
