"""Network without claims → its function, what its layers hold, and the simplest explanations."""
