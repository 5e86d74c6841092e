' In LibreOffice Calc these two functions stand in for those of the same name in a workbook's
' module AccountPlanPython, whose own way to Python, xlwings, knows Excel alone.

' Runs a line of Python. Gives "", or one line that says why it could not.
Public Function RunPythonOf(ByVal Command As String) As String
    Dim Given(0 To 1) As New com.sun.star.beans.NamedValue
    Given(0).Name = "Command"
    Given(0).Value = Command
    Given(1).Name = "Workbook"
    Given(1).Value = ThisComponent
    RunPythonOf = CreateUnoService("org.accountplan.Calc").execute(Given)
End Function

' What a worksheet function answers: a value, or an array of values.
Public Function AskPython(ByVal FunctionName As String, ByVal Arguments As Variant) As Variant
    Dim Given(0 To 2) As New com.sun.star.beans.NamedValue
    Dim Cells() As Variant
    Dim Answer As Variant
    Dim Table() As Variant
    Dim Place As Long
    Dim Column As Long
    ReDim Cells(LBound(Arguments) To UBound(Arguments))
    For Place = LBound(Arguments) To UBound(Arguments)
        If IsObject(Arguments(Place)) Then
            Cells(Place) = Arguments(Place).getCellRange()
        ElseIf Not IsError(Arguments(Place)) Then
            Cells(Place) = Arguments(Place)
        End If
    Next Place
    Given(0).Name = "Function"
    Given(0).Value = FunctionName
    Given(1).Name = "Arguments"
    Given(1).Value = Cells
    Given(2).Name = "Workbook"
    Given(2).Value = ThisComponent
    Answer = CreateUnoService("org.accountplan.Calc").execute(Given)
    If Not IsArray(Answer) Then
        AskPython = Answer
        Exit Function
    End If
    ' Rows of cells arrive as an array of arrays; a cell takes rows and columns.
    ReDim Table(0 To UBound(Answer), 0 To UBound(Answer(0)))
    For Place = 0 To UBound(Answer)
        For Column = 0 To UBound(Answer(0))
            Table(Place, Column) = Answer(Place)(Column)
        Next Column
    Next Place
    AskPython = Table
End Function
