"""What a bank of questions is: questions, topics, selection; and the banks that ship. Pure, except `files`."""
